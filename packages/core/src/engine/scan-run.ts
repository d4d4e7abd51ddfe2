/**
 * One `scan` call of an engine that sends probe by probe: a pump that sends, collects and waits, and a mailbox from
 * which the caller draws batches at its own pace. The pump goes on while the caller stores a batch, so slow storage is
 * never mistaken for a slow network; a caller far behind makes it stop sending.
 */

import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { Batch, PortState, Reason } from './engine.ts'
import type { Verdict } from './errno.ts'
import { GateKeeper } from './gate-keeper.ts'
import { isSpent } from './host-share.ts'
import { type LinkParts, LinkWatch } from './link-watch.ts'
import { Mailbox } from './mailbox.ts'
import { formatTarget } from './sockaddr.ts'
import { steadyClock } from './steady-clock.ts'
import { StillRouted } from './still-routed.ts'
import type { WalkTask } from './walk-task.ts'

/** Work between two turns of the event loop, ms: whoever shares the thread (a job's lock) waits no longer. */
const SLICE = 5
/** Probes sent between two looks at what came back. */
const BURST = 64
/** Probes looked at in one go when they turn out not to be worth sending. */
const MOST_SKIPPED = 2048
/** Results nobody has fetched before sending stops. */
const BACKLOG = 20_000
/** Credits to hold of a shared limit, in seconds of sending. */
const CREDIT_SECONDS = 0.02
/** Probes without a way before it is said that there is none. */
const MOST_WAYLESS = 128
/** Milliseconds until a share that is 0 is looked at again. */
const SPENT_PAUSE = 20

type StateVerdict = Extract<Verdict, { kind: 'state' }>
type Seen<V extends Verdict> = { readonly verdict: V; readonly rtt: number | null; readonly from?: string | undefined }

const UNROUTED: StateVerdict = { kind: 'state', state: 'filtered', reason: 'net-unreach' }

export interface ScanParts extends LinkParts {
  readonly task: WalkTask
  /** Milliseconds of any clock; leaps do no harm. */
  readonly clock: () => number
}

/** Runs the scan to the end, or until `signal` aborts. Closes the prober. Throws LocalTrouble after the last batch. */
export async function* runScan(given: ScanParts, signal: AbortSignal): AsyncGenerator<Batch> {
  const parts = { ...given, clock: steadyClock(given.clock) }
  const stop = new AbortController()
  const run = new ScanRun(parts, AbortSignal.any([signal, stop.signal]))
  const pump = run.pump().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  try {
    yield* run.mailbox.batches()
  } finally {
    stop.abort()
    await pump
  }
  const failed = await pump
  if (failed) throw failed.error
}

class ScanRun {
  readonly mailbox: Mailbox
  readonly #parts: ScanParts
  readonly #signal: AbortSignal
  readonly #gate: GateKeeper
  readonly #link: LinkWatch
  /** Slots whose probe was refused by this machine, and when first. */
  readonly #stuck = new Map<number, number>()
  readonly #target: ProbeTarget = emptyTarget()
  /** Position of the probe that left last; -1 before the first. */
  #leftFor = -1
  readonly #others = new StillRouted()
  /** Probes refused for want of a way before the first one left. */
  #wayless = 0

  constructor(parts: ScanParts, signal: AbortSignal) {
    this.#parts = parts
    this.#signal = signal
    this.mailbox = new Mailbox(parts.clock)
    this.#gate = new GateKeeper(parts.task.gate, signal, () => parts.prober.wake())
    this.#link = new LinkWatch(parts)
  }

  async pump(): Promise<void> {
    const { prober, schedule, clock } = this.#parts
    const wake = () => prober.wake()
    this.#signal.addEventListener('abort', wake)
    try {
      while (!schedule.ledger.done && !this.#signal.aborted) {
        const end = clock() + SLICE
        while (this.#turn() > 0 && clock() < end) if (this.#signal.aborted) return
        this.#post()
        if (!schedule.ledger.done) await prober.wait(this.#pause())
      }
    } finally {
      this.#signal.removeEventListener('abort', wake)
      this.#post()
      this.mailbox.close()
      prober.close()
    }
  }

  /** Collects, ends waits, sends. Returns how much there was to do. */
  #turn(): number {
    const { schedule, prober, clock } = this.#parts
    if (this.#gate.error) throw this.#gate.error
    const now = clock()
    const collected = prober.collect(now, (slot, verdict, rtt, from) =>
      this.#outcome(slot, { verdict, rtt, from }, now),
    )
    schedule.expire(now, (slot, final) => this.#silent(slot, final))
    schedule.adjust(now)
    this.#link.watch(now)
    return collected + this.#send(now)
  }

  #mayGo(now: number): number {
    const { schedule, prober } = this.#parts
    if (now < this.#link.pausedUntil || this.mailbox.backlog > BACKLOG || isSpent(this.#parts.task.hostShare)) return 0
    this.#gate.request(Math.max(1, Math.min(1024, schedule.rate.current * CREDIT_SECONDS)))
    return Math.min(prober.room, this.#gate.credits)
  }

  #send(now: number): number {
    const { schedule, prober, clock } = this.#parts
    const most = Math.min(BURST, this.#mayGo(now), schedule.rate.permits(now))
    let count = 0
    for (let looked = 0; count < most && looked < MOST_SKIPPED; looked++) {
      const slot = schedule.next(now)
      if (slot < 0) break
      const at = clock()
      const refused = prober.send(schedule.target, { slot, tries: schedule.triesOf(slot) }, at)
      if (refused?.kind === 'state') {
        schedule.settle(slot, refused.state)
        continue
      }
      if (refused !== null && !this.#refused(slot, refused, at)) break
      if (refused === null) {
        schedule.noteSent(slot, at)
        if (prober.certain) this.#left(slot, at)
      }
      count++
    }
    prober.flush?.()
    this.#gate.credits -= count
    return count
  }

  /** A probe did not leave. False when none should be sent for now. */
  #refused(slot: number, verdict: Verdict, now: number): boolean {
    const { schedule } = this.#parts
    if (verdict.kind !== 'local') {
      schedule.postpone(slot, now, 1)
      return true
    }
    const first = this.#stuck.get(slot) ?? now
    this.#stuck.set(slot, first)
    const what = formatTarget(this.#targetOf(slot))
    const routeless = verdict.code === 'NO_ROUTE'
    // No route for one network while there is one to others says something about that network; no route for anything
    // says something about us.
    if (routeless && this.#othersAreRouted(first, now)) {
      schedule.noteSent(slot, now)
      this.#resolve(slot, { verdict: UNROUTED, rtt: null }, now)
      return true
    }
    // Before the first probe has left, others are tried as well.
    const early = routeless && this.#leftFor < 0 && ++this.#wayless % MOST_WAYLESS !== 0
    const goOn = early || (routeless && this.#link.isProven(now))
    if (!goOn) this.#link.fail(verdict, now, what)
    this.#link.checkStuck(verdict, first, now, what)
    schedule.postpone(slot, now, goOn ? 500 : Math.max(1, this.#link.pausedUntil - now))
    return goOn
  }

  /** Is there still a way to whom the last probe left for? Where nobody can be asked, one must have left meanwhile. */
  #othersAreRouted(since: number, now: number): boolean {
    const { prober, task } = this.#parts
    if (this.#leftFor < 0 || (!prober.isRouted && this.#link.lastSent <= since)) return false
    return this.#others.look(now, () => {
      task.space.at(this.#leftFor, this.#target)
      return prober.isRouted?.(this.#target) ?? true
    })
  }

  /** `now`: when it was collected. A look at the clock for each of some hundred thousand outcomes takes its time, too. */
  #outcome(slot: number, outcome: Seen<Verdict>, now: number): void {
    const { verdict, rtt, from } = outcome
    if (verdict.kind === 'state') this.#resolve(slot, { verdict, rtt, from }, now)
    else if (verdict.kind === 'local') this.#refused(slot, verdict, now)
    else if (verdict.kind === 'pending') this.#left(slot, now)
  }

  #resolve(slot: number, found: Seen<StateVerdict>, now: number): void {
    const { state, reason } = found.verdict
    if (!this.#parts.schedule.answer(slot, state, found.rtt)) return
    if (found.verdict === UNROUTED) this.#stuck.delete(slot)
    else {
      this.#left(slot, now)
      this.#link.noteAnswer(now)
    }
    if (this.#parts.task.record === 'all' || state === 'open') this.#record(slot, { state, reason, ...found })
  }

  /** The probe in `slot` got out of this machine. */
  #left(slot: number, now: number): void {
    if (this.#stuck.size > 0) this.#stuck.delete(slot)
    this.#leftFor = this.#parts.schedule.positionOf(slot)
    this.#link.noteSent(now)
  }

  #silent(slot: number, final: boolean): void {
    const { prober, schedule, task, silence } = this.#parts
    prober.abandon(slot)
    this.#link.noteSilence(schedule.sentAt(slot))
    if (final && task.record === 'all') this.#record(slot, { state: silence, reason: 'no-response', rtt: null })
  }

  #record(
    slot: number,
    seen: { state: PortState; reason: Reason; rtt: number | null; from?: string | undefined },
  ): void {
    const position = this.#parts.schedule.positionOf(slot)
    const target = this.#targetOf(slot)
    const { state, reason, rtt, from } = seen
    const endpoint = { position, ip: formatTarget(target), port: target.port }
    this.mailbox.add({ ...endpoint, state, reason, rtt, ...(from === undefined ? {} : { from }) }, state === 'open')
  }

  #targetOf(slot: number): ProbeTarget {
    this.#parts.task.space.at(this.#parts.schedule.positionOf(slot), this.#target)
    return this.#target
  }

  #post(): void {
    const { schedule, prober } = this.#parts
    const counts = schedule.ledger.advance()
    const { sent, received, lossEstimate, recallEstimate } = schedule
    const stats = { sent, received, invalid: prober.invalid, lossEstimate, recallEstimate }
    this.mailbox.post(schedule.ledger.resolvedUpTo, counts, stats)
  }

  /** Milliseconds until there is something to do. */
  #pause(): number {
    const { schedule, clock } = this.#parts
    const now = clock()
    const paused = now < this.#link.pausedUntil ? this.#link.pausedUntil - now : Number.POSITIVE_INFINITY
    const spent = isSpent(this.#parts.task.hostShare) ? SPENT_PAUSE : Number.POSITIVE_INFINITY
    return Math.max(0, Math.min(paused, spent, schedule.pause(now, this.#mayGo(now) > 0)))
  }
}
