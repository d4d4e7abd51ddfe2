/**
 * Trouble of our own: packets that cannot leave, or a path that has fallen silent altogether. Nothing is concluded from
 * silence meanwhile, everything asked since the last sign of life is asked again afterwards, and when it lasts too long
 * the scan fails loudly. Pure: time is an argument (milliseconds).
 */
import { LocalTrouble } from '../engine.ts'
import { verdictOf } from '../errno.ts'

/** How long trouble may last, where nothing else is asked for. */
const PATIENCE = 10_000
const PAUSE = 200
/** What kept us from sending this recently is why nothing answers, ms. */
const RECENT = 1000

export class Outage {
  readonly #patience: number
  #since = Number.POSITIVE_INFINITY
  /** Trouble that comes back right after it ended had not ended. */
  #lastSince = Number.POSITIVE_INFINITY
  #endedAt = Number.NEGATIVE_INFINITY
  #code = ''
  /** What kept packets from leaving last, and when. */
  #cause: LocalTrouble | null = null
  #causeAt = Number.NEGATIVE_INFINITY
  /** Nothing is sent before this time. */
  pausedUntil = Number.NEGATIVE_INFINITY

  constructor(patience = PATIENCE) {
    this.#patience = patience
  }

  /** When it began; Infinity when there is none. */
  get since(): number {
    return this.#since
  }

  get isOn(): boolean {
    return this.#since < Number.POSITIVE_INFINITY
  }

  /** Is it the path that is silent (packets leave, nothing comes back)? */
  get isSilence(): boolean {
    return this.isOn && this.#code === 'PATH_LOST'
  }

  /** Packets could not leave. Throws LocalTrouble when that cannot be waited out, or has been for too long. */
  noteErrno(errno: number, now: number): void {
    const verdict = verdictOf(errno)
    const code = verdict.kind === 'local' ? verdict.code : `errno ${errno}`
    if (verdict.kind === 'local' && verdict.remedy === 'fatal')
      throw new LocalTrouble(code, `this machine cannot send: ${code}`)
    this.#begin(code, now)
  }

  /** Nothing answers any more that used to. Throws LocalTrouble when that has lasted too long. */
  noteSilence(now: number): void {
    // Of an interface that is gone its own silence would be the least that can be said.
    this.#begin('PATH_LOST', now, now - this.#causeAt < RECENT ? this.#cause : null)
  }

  /** There is no way to a target just now. Throws `trouble` when that is not to be waited for, or has lasted too long. */
  noteNoRoute(trouble: LocalTrouble, now: number, mayWait: boolean): void {
    if (!mayWait) throw trouble
    this.#cause = trouble
    this.#causeAt = now
    this.#begin(trouble.code, now, trouble)
  }

  #begin(code: string, now: number, trouble: LocalTrouble | null = null): void {
    if (!this.isOn) this.#since = now - this.#endedAt < 2 * PAUSE ? this.#lastSince : now
    this.#code = code
    if (now - this.#since > this.#patience) throw trouble ?? new LocalTrouble(code, describe(code, now - this.#since))
    this.pausedUntil = now + PAUSE
  }

  /** It is over. */
  end(now: number): void {
    this.#lastSince = this.#since
    this.#endedAt = now
    this.#since = Number.POSITIVE_INFINITY
    this.pausedUntil = Number.NEGATIVE_INFINITY
  }
}

function describe(code: string, lasted: number): string {
  const seconds = Math.round(lasted / 1000)
  if (code === 'PATH_LOST')
    return `endpoints that had answered have been silent for ${seconds} s, and so has everything else`
  return `nothing could be sent for ${seconds} s: ${code}`
}
