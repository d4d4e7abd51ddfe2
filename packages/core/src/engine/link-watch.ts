/** The state of our own way out during one scan: pauses for trouble, notices a link that went silently, gives up loudly. */
import { networkInterfaces } from 'node:os'
import { LocalTrouble } from './engine.ts'
import type { Verdict } from './errno.ts'
import { collapsePause, createHitRate, noteHit, noteMiss } from './hit-rate.ts'
import { createHealth, HEALTH_LIMITS, type HealthLimits, noteFailure, noteSuccess } from './local-health.ts'
import type { Prober } from './prober.ts'
import type { Schedule } from './schedule.ts'

/** A probe that left this recently proves that there is a way out, ms. */
const PROOF = 1000
/** Without pressure for this long, the rate is given back step by step, ms. */
const CALM = 500
/** Without any answer for this long, the interface is looked at, ms. */
const QUIET = 1000

export interface LinkParts {
  /** The state of a port that never answers: for UDP, where silence is usual, a run of it is no reason to pause. */
  readonly silence: 'filtered' | 'open|filtered'
  readonly schedule: Schedule
  readonly prober: Prober
  readonly healthLimits?: HealthLimits
}

export class LinkWatch {
  readonly #parts: LinkParts
  readonly #health = createHealth()
  readonly #hits = createHitRate()
  readonly #limits: HealthLimits
  lastSent = Number.NEGATIVE_INFINITY
  #strainedAt = Number.NEGATIVE_INFINITY
  /** When to look whether the interface our probes leave from is up. */
  #lookAt = Number.NEGATIVE_INFINITY
  #down = false

  constructor(parts: LinkParts) {
    this.#parts = parts
    this.#limits = parts.healthLimits ?? HEALTH_LIMITS
  }

  /** No probe goes before this time. */
  get pausedUntil(): number {
    return this.#health.pausedUntil
  }

  isProven(now: number): boolean {
    return now - this.lastSent < PROOF
  }

  noteSent(now: number): void {
    this.lastSent = now
    if (this.#health.since === null) return
    const link = this.#health.remedy === 'link'
    const since = noteSuccess(this.#health)
    if (since !== null && link) this.#parts.schedule.noteTrouble(since, now)
  }

  noteAnswer(now: number): void {
    this.#lookAt = now + QUIET
    noteHit(this.#hits)
  }

  noteSilence(sentAt: number): void {
    noteMiss(this.#hits, sentAt)
  }

  /** Takes a local failure: sets the pause, or throws LocalTrouble when patience is over. */
  fail(verdict: Extract<Verdict, { kind: 'local' }>, now: number, what: string): void {
    const { remedy, code } = verdict
    if (remedy === 'pressure') {
      if (now - this.#strainedAt > 50) this.#parts.schedule.rate.strain(true)
      this.#strainedAt = now
    }
    if (noteFailure(this.#health, remedy, now, this.#limits)) {
      if (remedy === 'link') this.#parts.schedule.noteTrouble(this.#health.since ?? now, now)
      return
    }
    this.giveUp(code, what)
  }

  /** One probe has been refused since `since`, whatever became of others: throws LocalTrouble when that is too long. */
  checkStuck({ remedy, code }: Extract<Verdict, { kind: 'local' }>, since: number, now: number, what: string): void {
    if (remedy !== 'fatal' && now - since > this.#limits[remedy]) this.giveUp(code, what)
  }

  giveUp(code: string, what: string): never {
    const to = what === '' ? '' : ` to ${what}`
    throw new LocalTrouble(code, code === 'NO_ROUTE' ? `no route${to}` : `this machine cannot send${to}: ${code}`)
  }

  /** Looks for what no error number tells. */
  watch(now: number): void {
    const { schedule } = this.#parts
    if (now - this.#strainedAt > CALM) {
      schedule.rate.strain(false)
      this.#strainedAt = now
    }
    const pause = collapsePause(this.#hits, schedule.received / Math.max(1, schedule.sent))
    if (pause > 0) {
      if (this.#parts.silence === 'filtered') {
        schedule.noteTrouble(this.#hits.silentSince, now)
        this.#health.pausedUntil = Math.max(this.#health.pausedUntil, now + pause)
      }
      this.#lookAt = now
    }
    if (now >= this.#lookAt) this.#look(now)
  }

  /** Is the address our probes leave from still up? Interfaces without a carrier are not listed. */
  #look(now: number): void {
    const local = this.#parts.prober.localAddress()
    const up = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === local))
    const down = local !== null && !up
    if (down || this.#down) this.#parts.schedule.noteTrouble(now - QUIET, now)
    this.#down = down
    this.#lookAt = now + (down ? 100 : QUIET)
    if (down) this.fail({ kind: 'local', remedy: 'link', code: 'ENETDOWN' }, now, '')
  }
}
