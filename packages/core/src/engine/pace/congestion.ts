/**
 * Finds the rate a path carries. Time is cut into epochs; each remembers what was sent in it and what became of that.
 *
 * The only sign of loss is a retry that is answered: silence is what filtered ports and empty addresses do. The share
 * of the tries to answering ports that is known to be lost is the loss; it falls short of the truth while losses are
 * still coming to light, so a cut may be followed by another.
 *
 * A cut is to what came through of the epoch's own measured rate, and everything sent before it is forgotten: one
 * overload, one cut. When loss is still there well below the rate that had come through, and no more first tries are
 * answered than before, it was no congestion: some links just lose packets. Then the loss becomes the path's base loss and the rate is given back.
 */
import { type Epoch, emptyEpoch, measured, merge } from './epoch.ts'

interface Cut {
  at: number
  /** Measured rate, loss, and share of first tries answered, at the first of the cuts that have not helped yet. */
  readonly rate: number
  readonly loss: number
  readonly share: number
  /** Has loss gone down since? */
  helped: boolean
}

export interface Congestion {
  /** Packets a second the path is thought to carry. */
  rate: number
  readonly ceiling: number
  /** The rate it began with. */
  readonly start: number
  /** When the first flight left, and the first epoch that is all of it; null before. `landed`: it is known how it went. */
  flight: { readonly at: number; readonly epoch: number; landed: boolean } | null
  /** Loss above the base loss that counts as congestion. */
  readonly tolerance: number
  /** Doubling until the first cut, then feeling the way up. */
  startup: boolean
  baseLoss: number
  /** Share of first tries that get a prompt answer when nothing is lost. */
  share: number
  minRtt: number
  lastCut: Cut | null
  /** Highest rate that was carried without congestion since it was last in doubt. */
  proven: number
  /** Did the last cut end an overload that left little to go by? */
  drowned: boolean
  readonly epochs: Epoch[]
  /** Ids: the open epoch, the oldest not judged for growth, the oldest not judged at all. */
  current: number
  eager: number
  oldest: number
  /** First epoch since the last cut: what was sent before says nothing about the rate now. */
  fresh: number
}

export interface CongestionOptions {
  readonly now: number
  readonly start?: number
  readonly ceiling?: number
  readonly tolerance?: number
  /** Epochs kept, a power of two. */
  readonly ring?: number
}

/** What the round trip tells: its length, and how long until a lost try has been noticed. */
export interface Settling {
  readonly rtt: number
  readonly settle: number
}

/** Epochs under way at once: for a path that carries everything; one host needs fewer. */
const RING = 256
const FLOOR = 4
/**
 * Packets that may be under way before anything is known of the path but its round trip: an eighth of the bytes TCP begins
 * with (RFC 6928, section 2).
 */
const FIRST_FLIGHT = 32
/** How long it may be until its answers are known to be as many as there should be, ms; then it was too much. */
const LANDING = 10
/** Without any evidence growth stops here: nobody is known to be harmed, nobody known to be served. */
const BLIND_CEILING = 12_000
/** Loss beyond which silence meant nothing. */
const DROWNED = 0.2
/** Answered or lost tries an epoch needs to be judged by; fewer are added to the next epoch's. */
const EVIDENCE = 20

/** `start` and `ceiling` in packets a second. */
export function createCongestion(options: CongestionOptions): Congestion {
  const { now, start = 4000, ceiling = Number.POSITIVE_INFINITY, tolerance = 0.1, ring = RING } = options
  const epochs = Array.from({ length: ring }, emptyEpoch)
  const congestion: Congestion = {
    rate: Math.min(start, ceiling),
    ceiling,
    start: Math.min(start, ceiling),
    flight: null,
    tolerance,
    startup: true,
    baseLoss: 0,
    share: 1,
    minRtt: Number.POSITIVE_INFINITY,
    lastCut: null,
    proven: 0,
    drowned: false,
    epochs,
    current: 0,
    eager: 0,
    oldest: 0,
    fresh: 0,
  }
  open(congestion, 0, now)
  return congestion
}

const epochAt = (c: Congestion, id: number): Epoch => c.epochs[id % c.epochs.length]!

function open(c: Congestion, id: number, now: number): void {
  c.current = id
  Object.assign(epochAt(c, id), emptyEpoch(), { id, start: now, end: now, allowed: c.rate })
}

/** Counts `count` packets sent now; the epoch's id is kept with each probe, to be given back with what became of it. */
export function noteSent(c: Congestion, now: number, count: number, asked: number): number {
  const epoch = epochAt(c, c.current)
  epoch.sent += count
  if (c.rate > epoch.allowed) epoch.allowed = c.rate
  epoch.asked += asked
  epoch.end = now
  return epoch.id
}

/** The epoch, unless it has been judged and its place reused. */
function known(c: Congestion, id: number): Epoch | null {
  const epoch = epochAt(c, id)
  return epoch.id === id && id >= c.oldest ? epoch : null
}

/** A try sent in epoch `id` was answered after `rtt` ms; `prompt`: it was the first to its port. */
export function noteAnswer(c: Congestion, id: number, rtt: number, prompt: boolean): void {
  if (rtt < c.minRtt) c.minRtt = rtt
  const epoch = known(c, id)
  if (epoch === null) return
  epoch.answered++
  epoch.rttSum += rtt
  if (prompt) epoch.prompt++
}

/**
 * `count` tries, the last of them sent in epoch `id`, were lost: the one after them was answered. Negative takes it
 * back: they were only late. Losses come to light slowly under overload, so what concerns an epoch already judged is
 * evidence for the next one, unless the rate has been cut since.
 */
export function noteLost(c: Congestion, id: number, count = 1): void {
  if (id < c.fresh) return
  const own = epochAt(c, id)
  const epoch = known(c, id) ?? epochAt(c, c.oldest)
  epoch.lost = Math.max(0, epoch.lost + count)
  // What is sent by now may be little: it is not that rate which was too much.
  if (own !== epoch && own.id === id) epoch.blamed = Math.max(epoch.blamed, measured(own))
}

/**
 * Judges every epoch that can be judged by `now` and sets the rate. Call it a few hundred times a second. Returns when the
 * overload began that has just ended by a cut, or Infinity: what was asked since then may have been drowned. A mild one
 * is no such overload: its losses are like any others.
 */
export function adjust(c: Congestion, now: number, { rtt, settle }: Settling): number {
  close(c, now, rtt)
  if (c.startup) fly(c, now)
  while (c.startup && c.eager < c.current && isPrompt(c, epochAt(c, c.eager))) {
    raise(c, epochAt(c, c.eager), 2)
    c.eager++
  }
  while (c.oldest < c.current && epochAt(c, c.oldest).end + settle <= now) {
    const epoch = epochAt(c, c.oldest++)
    if (c.eager < c.oldest) c.eager = c.oldest
    const { start } = epoch
    judge(c, epoch, now)
    if (c.lastCut?.at === now) return c.drowned ? start : Number.POSITIVE_INFINITY
  }
  return Number.POSITIVE_INFINITY
}

/** Begins faster where answers come at once, and for good only if they do for all that was asked. */
function fly(c: Congestion, now: number): void {
  const { flight } = c
  if (flight === null) {
    if (c.minRtt === Number.POSITIVE_INFINITY) return
    c.flight = { at: now, epoch: c.current + 1, landed: false }
    c.rate = Math.max(c.rate, Math.min(c.ceiling, (FIRST_FLIGHT * 1000) / Math.max(1, c.minRtt)))
  } else if (!flight.landed) {
    const answered = c.eager > flight.epoch
    flight.landed = answered || now - flight.at > LANDING + 2 * c.minRtt
    if (flight.landed && !answered) c.rate = c.start
  }
}

/** Ends the open epoch once it says something: enough packets, or enough time. */
function close(c: Congestion, now: number, rtt: number): void {
  const epoch = epochAt(c, c.current)
  const age = now - epoch.start
  if (epoch.sent === 0) {
    epoch.start = now
    return
  }
  if (!(age >= Math.max(1, rtt / 4) && (epoch.sent >= 32 || age >= 50))) return
  epoch.end = now
  // A full ring means judgement is far behind: this epoch just goes on.
  if (c.current + 1 - c.oldest < c.epochs.length) open(c, c.current + 1, now)
}

/** Have as many first tries been answered as when nothing is lost? Then there is no need to wait for the rest. */
function isPrompt(c: Congestion, epoch: Epoch): boolean {
  return epoch.asked >= 16 && epoch.prompt >= 0.92 * c.share * epoch.asked && !isQueued(c, epoch, 25)
}

/** Do packets stand in a queue somewhere, `slack` ms beyond twice the shortest round trip? */
function isQueued(c: Congestion, epoch: Epoch, slack: number): boolean {
  return epoch.answered > 0 && epoch.rttSum / epoch.answered > 2 * c.minRtt + slack
}

function raise(c: Congestion, epoch: Epoch, gain: number, ceiling = c.ceiling): void {
  c.rate = Math.max(c.rate, Math.min(ceiling, c.ceiling, measured(epoch) * gain))
}

function judge(c: Congestion, epoch: Epoch, now: number): void {
  const seen = epoch.answered + epoch.lost
  const next = epochAt(c, epoch.id + 1)
  if (seen < EVIDENCE) {
    if (epoch.end - epoch.start >= 200 && epoch.lost < 2) raise(c, epoch, 1.5, blindCeiling(c))
    if (seen > 0 || epoch.end - epoch.start < 200) merge(epoch, next)
    return
  }
  const loss = epoch.lost / seen
  const surely = loss - 2 * Math.sqrt((loss * (1 - loss)) / seen)
  const allowed = c.baseLoss + c.tolerance
  const trying = c.lastCut !== null && !c.lastCut.helped
  // Neither surely too much nor within bounds: more evidence is needed, and more of it to tell whether a cut helped.
  if (surely <= Math.max(allowed, trying ? 0.25 : 0) && seen < (trying || loss > allowed ? 4 : 1) * EVIDENCE)
    merge(epoch, next)
  else if (surely > allowed || (trying && loss > c.lastCut!.loss * 0.6)) overload(c, epoch, loss, now)
  else if (isQueued(c, epoch, 100)) c.rate = Math.max(FLOOR, Math.min(c.rate, measured(epoch) * 0.85))
  else accept(c, epoch, loss)
}

/** What is known of the path's capacity is not forgotten because nobody answers for a while. */
function blindCeiling({ lastCut }: Congestion): number {
  return lastCut ? Math.min(BLIND_CEILING, lastCut.rate * (1 - lastCut.loss)) : BLIND_CEILING
}

/** All is well: learn what that looks like, and try a little more. */
function accept(c: Congestion, epoch: Epoch, loss: number): void {
  c.baseLoss = Math.min(c.baseLoss, c.baseLoss + (loss - c.baseLoss) / 8)
  if (epoch.asked >= 16) c.share += (epoch.prompt / epoch.asked - c.share) / (c.startup ? 2 : 8)
  if (c.lastCut) c.lastCut.helped = true
  c.proven = Math.max(c.proven, measured(epoch))
  if (!isQueued(c, epoch, 25)) raise(c, epoch, gainOf(c))
}

/** Doubling at first; quickly back to what got through when it was last cut; carefully beyond. */
function gainOf({ startup, lastCut, rate }: Congestion): number {
  if (startup) return 2
  return lastCut && rate < lastCut.rate * (1 - lastCut.loss) * 0.85 ? 1.3 : 1.05
}

function overload(c: Congestion, epoch: Epoch, loss: number, now: number): void {
  const rate = Math.max(measured(epoch), epoch.blamed)
  const share = epoch.asked >= 16 ? epoch.prompt / epoch.asked : 0
  const cut = c.lastCut
  const wellBelow = cut !== null && rate < cut.rate * (1 - cut.loss) * 0.85
  if (wellBelow && loss < 0.4 && loss > cut.loss * 0.6 && share > 0 && share < cut.share * 1.15) {
    c.baseLoss = loss
    c.rate = Math.min(c.ceiling, Math.max(c.rate, cut.rate))
    c.lastCut = null
    c.startup = true
    return
  }
  // Loss on top of what was taken for the link's own: it was not the link's.
  c.baseLoss = 0
  c.startup = false
  c.drowned = loss > DROWNED
  if (cut && (wellBelow || !cut.helped)) Object.assign(cut, { at: now, helped: false })
  else c.lastCut = { at: now, rate, loss, share, helped: false }
  const through = Math.max(FLOOR, rate * Math.max(0.25, Math.min(0.85, 1 - loss)))
  // Few packets with bad luck, at the end of a scan say, do not outweigh what has been seen to work at once.
  c.rate = Math.min(c.rate, Math.max(through, c.proven / 2))
  c.proven = Math.min(c.proven, c.rate)
  open(c, c.current + 1, now)
  c.oldest = c.current
  c.eager = c.current
  c.fresh = c.current
}
