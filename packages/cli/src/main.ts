/** The `portolan` command: says what went wrong in one line, and ends with the code that says so. */
import { mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { readCliEnv } from './env.ts'
import { EXIT, UsageError } from './exit.ts'

// The launcher that handed over to us is gone, however it went: end as if it had passed a signal on.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
// A reader that has seen enough (head) closes the pipe; that is no failure of ours.
process.stdout.on('error', (error) => process.exit('code' in error && error.code === 'EPIPE' ? EXIT.done : EXIT.failed))

keepCompiledCode()
const { createProgram } = await import('./program.ts')
try {
  process.exitCode = await createProgram().run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Error)) throw error
  process.stderr.write(`portolan: ${error.message}\n`)
  if (error.name === 'TypeError' || error.name === 'AssertionError') process.stderr.write(`${error.stack}\n`)
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed
}

/** Halves the start. In the user's own cache folder: the default would be one that others may write to. */
function keepCompiledCode(): void {
  try {
    const directory = `${readCliEnv().cacheDirectory}/compiled`
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    enableCompileCache(directory)
  } catch {
    // A home that cannot be written to costs some milliseconds, nothing else.
  }
}
