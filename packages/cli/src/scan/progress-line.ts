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
      write(`\r\x1b[K${progressText(progress, now - started).slice(0, terminal.width - 1)}`)
    },
    say(text) {
      if (!drawn) return
      clear()
      write(`${text}\n`)
    },
    clear,
  }
}

/** `[=====     ]  23 %  12,345/s  0:04 left  loss 0.1 %  17 open`; `elapsed` in milliseconds. */
export function progressText({ totals, done, probes, open, asking }: Progress, elapsed: number): string {
  const part = probes === 0 ? 1 : done / probes
  const filled = Math.floor(part * BAR)
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`
  const rate = totals.milliseconds > 0 ? Math.round((totals.sent * 1000) / totals.milliseconds) : 0
  const left = part > 0 && part < 1 ? `${duration((elapsed * (1 - part)) / part)} left` : null
  const loss = totals.loss >= 0.001 ? `loss ${(totals.loss * 100).toFixed(1)} %` : null
  const naming = asking > 0 ? `${asking} being asked` : null
  const parts = [
    `${bar} ${(part * 100).toFixed(0).padStart(3)} %`,
    `${grouped(rate)}/s`,
    left,
    loss,
    `${open} open`,
    naming,
  ]
  return parts.filter((text) => text !== null).join('  ')
}
