/** Loaded before the program of a child process: ends it when the process that started it is gone. */

/** A worker stops within five seconds; with PostgreSQL gone as well, it may wait for what will not come back. */
const PATIENCE = 6_000

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE).unref()
})
// The channel alone is no reason to stay alive.
process.channel?.unref()
