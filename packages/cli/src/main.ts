/** The `portolan` command: says what went wrong in one line, and ends with the code that says so. */
import { EXIT, UsageError } from './exit.ts'
import { fileTrouble } from './file-trouble.ts'
import { createProgram } from './program.ts'

// The launcher that handed over to us is gone, however it went: end as if it had passed a signal on.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
process.stdout.on('error', lost)

/** A reader that has seen enough (head) closes the pipe; that is no failure of ours. Anything else is one. */
function lost(error: Error): never {
  if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(`portolan: standard output is not complete: ${fileTrouble(error)}\n`)
  process.exit(EXIT.failed)
}

async function main(): Promise<void> {
  try {
    process.exitCode = await createProgram().run(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // By its name, since most commands have no use for the class.
    const cure = error.name === 'ApiFailure' && 'status' in error && error.status === 401
    process.stderr.write(`portolan: ${error.message}${cure ? '; portolan login keeps a key that is valid' : ''}\n`)
    if (error.name === 'TypeError' || error.name === 'AssertionError') process.stderr.write(`${error.stack}\n`)
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.failed
  }
  // Known at once of a file, and told of too late for what ends here.
  if (process.stdout.errored) lost(process.stdout.errored)
  // Taking everything apart first takes as long as a small scan. Not while a reader is behind: what waits would be lost.
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit()
}

void main()
