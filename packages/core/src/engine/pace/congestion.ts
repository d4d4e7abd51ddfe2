/**
 * Finds the rate a path carries. Time is cut into epochs; each remembers what was sent in it and what became of that.
 *
 * The only sign of loss is a retry that is answered: silence is what filtered ports and empty addresses do. The share
 * of an epoch's tries to answering ports that is known to be lost falls short of the truth where retries are lost too,
 * so a cut halves the rate at most, and the next epoch tells whether that was enough.
 *
 * Verdicts name an absolute target, the epoch's own measured rate times what came through, so several verdicts about
 * one overload agree instead of compounding. A cut after which loss stays as it was met no congestion: some links just
 * lose packets. Then the loss becomes the path's base loss and the rate is given back.
 */

export interface Epoch {
  id: number
  start: number
  end: number
  /** All packets, and those among them that asked for the first time. */
  sent: number
  asked: number
  /** Answered first tries; all answered tries; tries known to be lost. */
  prompt: number
  answered: number
  lost: number
  rttSum: number
}

interface Cut {
  at: number
  /** The measured rate it was cut from. */
  from: number
  /** Rate and loss before the first of `count` cuts in a row that left loss as it was. */
  readonly rate: number
  readonly loss: number
  count: number
}

export interface Congestion {
  /** Packets a second the path is thought to carry. */
  rate: number
  readonly ceiling: number
  /** Loss above the base loss that counts as congestion. */
  readonly tolerance: number
  /** Doubling until the first cut, then feeling the way up. */
  startup: boolean
  baseLoss: number
  /** Share of first tries that get a prompt answer when nothing is lost. */
  share: number
  minRtt: number
  lastCut: Cut | null
  readonly epochs: Epoch[]
  /** Ids: the open epoch, the oldest not judged for growth, the oldest not judged at all. */
  current: number
  eager: number
  oldest: number
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
/** Without any evidence growth stops here: nobody is known to be harmed, nobody known to be served. */
const BLIND_CEILING = 12_000
/** Answered or lost tries an epoch needs to be judged by; fewer are added to the next epoch's. */
const EVIDENCE = 20

const emptyEpoch = (): Epoch => ({
  id: -1,
  start: 0,
  end: 0,
  sent: 0,
  asked: 0,
  prompt: 0,
  answered: 0,
  lost: 0,
  rttSum: 0,
})

/** `start` and `ceiling` in packets a second. */
export function createCongestion(options: CongestionOptions): Congestion {
  const { now, start = 4000, ceiling = Number.POSITIVE_INFINITY, tolerance = 0.1, ring = RING } = options
  const epochs = Array.from({ length: ring }, emptyEpoch)
  const congestion: Congestion = {
    rate: Math.min(start, ceiling),
    ceiling,
    tolerance,
    startup: true,
    baseLoss: 0,
    share: 1,
    minRtt: Number.POSITIVE_INFINITY,
    lastCut: null,
    epochs,
    current: 0,
    eager: 0,
    oldest: 0,
  }
  open(congestion, 0, now)
  return congestion
}

const epochAt = (c: Congestion, id: number): Epoch => c.epochs[id % c.epochs.length]!

function open(c: Congestion, id: number, now: number): void {
  c.current = id
  Object.assign(epochAt(c, id), emptyEpoch(), { id, start: now, end: now })
}

/** Counts `count` packets sent now; the epoch's id is kept with each probe, to be given back with what became of it. */
export function noteSent(c: Congestion, now: number, count: number, asked: number): number {
  const epoch = epochAt(c, c.current)
  epoch.sent += count
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

/** A try sent in epoch `id` was lost: the one after it was answered. `by` -1 takes that back: it was only late. */
export function noteLost(c: Congestion, id: number, by: 1 | -1 = 1): void {
  const epoch = known(c, id)
  if (epoch) epoch.lost += by
}

/** Judges every epoch that can be judged by `now` and sets the rate. Call it a few hundred times a second. */
export function adjust(c: Congestion, now: number, { rtt, settle }: Settling): void {
  close(c, now, rtt)
  while (c.startup && c.eager < c.current && isPrompt(c, epochAt(c, c.eager))) {
    raise(c, epochAt(c, c.eager), 2)
    c.eager++
  }
  while (c.oldest < c.current && epochAt(c, c.oldest).end + settle <= now) {
    judge(c, epochAt(c, c.oldest), now)
    c.oldest++
    if (c.eager < c.oldest) c.eager = c.oldest
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

const measured = (epoch: Epoch): number => (epoch.sent * 1000) / Math.max(0.5, epoch.end - epoch.start)

/** Have as many first tries been answered as when nothing is lost? Then there is no need to wait for the rest. */
function isPrompt(c: Congestion, epoch: Epoch): boolean {
  return epoch.asked >= 16 && epoch.prompt >= 0.92 * c.share * epoch.asked && !isQueued(c, epoch, 25)
}

/** Do packets stand in a queue somewhere, `slack` ms beyond twice the shortest round trip? */
function isQueued(c: Congestion, epoch: Epoch, slack: number): boolean {
  return epoch.answered > 0 && epoch.rttSum / epoch.answered > 2 * c.minRtt + slack
}

function raise(c: Congestion, epoch: Epoch, gain: number, ceiling = c.ceiling): void {
  if (c.lastCut && epoch.start < c.lastCut.at) return
  c.rate = Math.max(c.rate, Math.min(ceiling, c.ceiling, measured(epoch) * gain))
}

function judge(c: Congestion, epoch: Epoch, now: number): void {
  const seen = epoch.answered + epoch.lost
  const needed = c.lastCut && epoch.start >= c.lastCut.at && c.lastCut.count < 3 ? 2 * EVIDENCE : EVIDENCE
  if (seen < needed) {
    if (epoch.end - epoch.start < 200 || epoch.lost > 1) merge(epoch, epochAt(c, epoch.id + 1))
    else raise(c, epoch, 1.5, BLIND_CEILING)
    return
  }
  const loss = epoch.lost / seen
  // One standard deviation in the path's favour: a cut is dear, and an overload that goes on is seen again.
  const doubt = Math.sqrt((epoch.lost * epoch.answered) / seen) / seen
  const surely = loss - doubt
  if (epoch.lost > 3 && surely > c.baseLoss + c.tolerance) overload(c, epoch, surely, now)
  else if (isQueued(c, epoch, 100)) c.rate = Math.max(FLOOR, Math.min(c.rate, measured(epoch) * 0.85))
  else {
    c.baseLoss = Math.min(c.baseLoss, c.baseLoss + (loss - c.baseLoss) / 8)
    if (epoch.asked >= 16) c.share += (epoch.prompt / epoch.asked - c.share) / (c.startup ? 2 : 8)
    if (!isQueued(c, epoch, 25)) raise(c, epoch, gainOf(c))
  }
}

/** Doubling at first; quickly back to what got through when it was last cut; carefully beyond. */
function gainOf({ startup, lastCut, rate }: Congestion): number {
  if (startup) return 2
  return lastCut && rate < lastCut.rate * (1 - lastCut.loss) * 0.85 ? 1.3 : 1.05
}

/** Too little to judge by: what is known of it is judged with the next one. */
function merge(epoch: Epoch, next: Epoch): void {
  next.start = epoch.start
  for (const key of ['sent', 'asked', 'prompt', 'answered', 'lost', 'rttSum'] as const) next[key] += epoch[key]
}

function overload(c: Congestion, epoch: Epoch, loss: number, now: number): void {
  const rate = measured(epoch)
  const cut = c.lastCut
  const slower = cut && epoch.start >= cut.at && rate < cut.from * 0.93
  const helpless = slower && loss < 0.4 && loss > cut.loss * 0.7 ? cut.count : 0
  if (cut && helpless >= 2) {
    c.baseLoss = loss
    c.rate = Math.min(c.ceiling, Math.max(c.rate, cut.rate))
    c.lastCut = null
    c.startup = true
    return
  }
  const target = Math.max(FLOOR, rate * Math.min(0.85, (1 - loss) / (1 - c.baseLoss)))
  c.startup = false
  if (cut && epoch.start < cut.at) cut.at = now
  else if (cut && helpless > 0) Object.assign(cut, { at: now, from: rate, count: cut.count + 1 })
  else c.lastCut = { at: now, from: rate, rate, loss, count: 1 }
  if (target < c.rate) c.rate = target
}
