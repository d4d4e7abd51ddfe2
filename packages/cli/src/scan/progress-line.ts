/** The line that is drawn over and over while a scan runs. */
import type { Terminal } from '../terminal.ts'
import { duration, grouped } from './numbers.ts'
import type { Progress } from './run-scan.ts'

export interface ProgressLine {
  update(progress: Progress): void
  /** Prints a line above; nothing while the scan is so young that its table comes at once. */
  say(text: string): void
  /** Removes the line. */
  clear(): void
}

/** Milliseconds: scans that end before this need no progress. */
const PATIENCE = 400
const EVERY = 100
const BAR = 24
/** A bar shorter than this says less than the number beside it. */
const SHORTEST = 4
const FRAME = '[] '

export function createProgressLine(terminal: Terminal, { clock = () => performance.now() } = {}): ProgressLine {
  if (!terminal.live) return { update() {}, say() {}, clear() {} }
  const started = clock()
  let drawnAt = started + PATIENCE - EVERY
  let drawn = false
  const write = (text: string) => process.stderr.write(text)
  const clear = () => {
    if (drawn) write('\r\x1b[K')
    drawn = false
  }
  return {
    update(progress) {
      const now = clock()
      if (now - drawnAt < EVERY) return
      drawnAt = now
      drawn = true
      // One column less: a full line moves the cursor of some terminals into the next.
      write(`\r\x1b[K${progressText(progress, now - started, terminal.errorWidth - 1)}`)
    },
    say(text) {
      if (!drawn) return
      clear()
      write(`${text}\n`)
    },
    clear,
  }
}

/**
 * `[=====     ]  23 %  12,345/s  0:04 left  loss 0.1 %  17 open`; `elapsed` in milliseconds. Where `width` columns do not
 * hold it, the bar gets shorter, then goes, and then what is said last.
 */
export function progressText(
  { totals, done, probes, open, asking }: Progress,
  elapsed: number,
  width = Infinity,
): string {
  const part = probes === 0 ? 1 : done / probes
  const rate = totals.milliseconds > 0 ? Math.round((totals.sent * 1000) / totals.milliseconds) : 0
  const left = part > 0 && part < 1 ? `${duration((elapsed * (1 - part)) / part)} left` : null
  // How long the last services take, nobody knows; that time goes on shows that it is not stuck.
  const since = left === null && asking > 0 ? duration(elapsed) : null
  const loss = totals.loss >= 0.001 ? `loss ${(totals.loss * 100).toFixed(1)} %` : null
  const naming = asking > 0 ? `${asking} being asked` : null
  const percent = `${(part * 100).toFixed(0).padStart(3)} %`
  const said = [percent, `${grouped(rate)}/s`, left ?? since, loss, `${open} open`, naming].filter(
    (text) => text !== null,
  )
  const text = said.join('  ')
  const size = Math.min(BAR, width - text.length - FRAME.length)
  const filled = Math.floor(part * size)
  return size < SHORTEST ? text.slice(0, width) : `[${'='.repeat(filled)}${' '.repeat(size - filled)}] ${text}`
}
