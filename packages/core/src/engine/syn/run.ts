/** A SynScan, its sockets and its clock, from start to end, in whichever thread it is called. */
import { addressToBytes, parseAddress } from '#core/target/address.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import { LocalTrouble } from '../engine.ts'
import { type Libc, openLibc } from '../libc.ts'
import { Link } from '../link.ts'
import { bePrompt } from '../promptness.ts'
import { type RouteOptions, Routes } from '../route.ts'
import { claimPorts } from '../source-ports.ts'
import { SynScan } from './scan.ts'
import { ScanClock } from './scan-clock.ts'
import { ABORTED, GRANTED, MAX_UNREAD, type ThreadData, type ThreadMessage, UNREAD } from './shared.ts'
import { countStates } from './verdict.ts'

/** A batch this often, ms, or when this many results wait. */
const INTERVAL = 50
const RESULTS = 4096
/** Credits fetched ahead: the gate's answer takes a while. */
const AHEAD_MS = 20

/** The event loop gets its turn this often where it has other work to do, ms; so soon it hears of an open port. */
const TURN = 4

export type Post = (message: ThreadMessage, transfer: ArrayBuffer[]) => void

/** Runs the scan. What goes wrong on this machine's side is posted, anything else thrown; the end is posted last. */
export async function runScan(data: ThreadData, post: Post): Promise<void> {
  try {
    await open(data, post)
  } catch (error) {
    if (!(error instanceof LocalTrouble)) throw error
    post({ kind: 'trouble', code: error.code, message: error.message }, [])
  }
  post({ kind: 'end' }, [])
}

async function open(data: ThreadData, post: Post): Promise<void> {
  const libc = openLibc()
  const route: RouteOptions = {
    ...(data.sourceAddress === undefined ? {} : { sourceAddress: bytesOf(data.sourceAddress) }),
    ...(data.interface === undefined ? {} : { interface: data.interface }),
  }
  const ports = claimPorts(libc)
  const relax = bePrompt(data.task)
  let link: Link | undefined
  let scan: SynScan | undefined
  try {
    link = new Link(ports.base)
    link.listen(data.task.to - data.task.from)
    const space = data.space ?? createProbeSpace(data.plan)
    const clock = new ScanClock(() => performance.now())
    const { task, patience } = data
    const key = freshKey(libc)
    const openRoutes = () => new Routes(route)
    scan = new SynScan({ task, space, link, portBase: ports.base, key, openRoutes, now: clock.now(), patience })
    await new Run(data, post, scan).go(link, clock)
  } finally {
    scan?.close()
    await link?.close()
    libc.close(ports.fd)
    relax()
  }
}

/** From the kernel itself: loading node:crypto would take longer than everything else before the first packet. */
function freshKey(libc: Libc): Uint8Array {
  const key = new Uint8Array(8)
  const got = libc.getrandom(key, key.length, 0)
  if (got !== key.length) throw new LocalTrouble('NO_RANDOM', `no random numbers, errno ${-got}`)
  return key
}

function bytesOf(text: string): Uint8Array {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new LocalTrouble('EINVAL', `the source address ${text} is not an address`)
  return addressToBytes(parsed.value)
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

class Run {
  readonly #data: ThreadData
  readonly #post: Post
  readonly #scan: SynScan
  /** Credits the gate was asked for last, counted from the start. */
  #wanted = 0

  constructor(data: ThreadData, post: Post, scan: SynScan) {
    this.#data = data
    this.#post = post
    this.#scan = scan
  }

  async go(link: Link, clock: ScanClock): Promise<void> {
    const { cells, task, inline } = this.#data
    const scan = this.#scan
    let [postedAt, postedBase, turnedAt] = [0, task.from, 0]
    while (!scan.isDone && Atomics.load(cells, ABORTED) === 0) {
      const now = clock.now()
      const isHeld = Atomics.load(cells, UNREAD) >= MAX_UNREAD
      const pause = scan.step(now, this.#credits(), isHeld)
      this.#refill()
      const fresh = scan.records.count > 0 || scan.window.base > postedBase
      const interval = inline && task.record === 'open' && scan.records.count > 0 ? TURN : INTERVAL
      if (fresh && !isHeld && (now - postedAt >= interval || scan.records.count >= RESULTS)) {
        this.#postBatch()
        postedAt = now
        postedBase = scan.window.base
      }
      // Another thread's sending ends in the event loop; so does everything the caller does, when this is its thread.
      if (link.isSending || ((inline || link.isChanging) && now - turnedAt >= TURN)) {
        turnedAt = now
        await turn()
      }
      // What waits for the other thread to be free must not wait for us to wake up.
      if (pause < 0.05 || scan.isDone || link.isSending) continue
      clock.expect(pause)
      link.wait(inline || link.isChanging ? Math.min(pause, TURN) : pause)
    }
    if (!scan.isDone) scan.finish(clock.now())
    this.#postBatch()
  }

  #postBatch(): void {
    const scan = this.#scan
    const { received, invalid } = scan.answers
    const { lossEstimate, recallEstimate } = scan.hosts
    const stats = { sent: scan.sent, received, invalid, lossEstimate, recallEstimate }
    const records = scan.records.take()
    const counts = countStates(scan.tally)
    this.#post({ kind: 'batch', resolvedUpTo: scan.window.base, counts, stats, records }, [records])
    scan.tally.fill(0)
    Atomics.add(this.#data.cells, UNREAD, 1)
  }

  /** Probes the caller's gate allows now; everything when there is none. */
  #credits(): number {
    const { cells, gated } = this.#data
    return gated ? (Atomics.load(cells, GRANTED) - this.#scan.sent) | 0 : Number.POSITIVE_INFINITY
  }

  /** Asks the gate for about as many as will be sent soon, one request at a time. */
  #refill(): void {
    if (!this.#data.gated) return
    const granted = Atomics.load(this.#data.cells, GRANTED)
    const ahead = Math.max(1, Math.min(4096, Math.ceil((this.#scan.rate * AHEAD_MS) / 1000)))
    if (granted < this.#wanted || granted - this.#scan.sent > ahead / 2) return
    this.#wanted = granted + 1
    this.#post({ kind: 'want', count: ahead }, [])
  }
}
