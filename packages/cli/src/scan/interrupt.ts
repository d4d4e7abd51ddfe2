/** One press of Ctrl-C may reach us twice: from the terminal, and passed on by the launcher. */
const SAME_PRESS = 300

export interface Interrupt extends Disposable {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal
}

/**
 * The first Ctrl-C (or SIGTERM, SIGHUP) asks for an early end. The second one ends the process as if nobody had listened:
 * an orderly exit would wait for a write into a file that nobody reads.
 */
export function onInterrupt(say: (text: string) => void): Interrupt {
  const controller = new AbortController()
  let first = 0
  const handle = (name: NodeJS.Signals) => {
    const now = performance.now()
    if (!controller.signal.aborted) {
      first = now
      controller.abort()
      // The terminal has just written ^C into the line.
      if (process.stderr.isTTY) process.stderr.write('\n')
      say('stopping; what was found is kept. Ctrl-C again to quit at once')
    } else if (now - first > SAME_PRESS) {
      ignore()
      process.kill(process.pid, name)
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const ignore = () => {
    for (const name of signals) process.off(name, handle)
  }
  for (const name of signals) process.on(name, handle)
  return {
    signal: controller.signal,
    [Symbol.dispose]: ignore,
  }
}
