/** Loaded before the program of a child process: ends it, gracefully, when the process that started it is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// The channel alone is no reason to stay alive.
process.channel?.unref()
