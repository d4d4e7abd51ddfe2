/** A scan in its thread: a SynScan, its sockets and its clock, from start to end. */
import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { addressToBytes, parseAddress } from '#core/target/address.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import { LocalTrouble } from '../engine.ts'
import { openLibc } from '../libc.ts'
import { Link } from '../link.ts'
import type { RouteOptions } from '../route.ts'
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

// because the engine starts this thread with nothing else
const data = workerData as ThreadData

function post(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

function postBatch(scan: SynScan): void {
  const { received, invalid } = scan.answers
  const { lossEstimate, recallEstimate } = scan.hosts
  const stats = { sent: scan.sent, received, invalid, lossEstimate, recallEstimate }
  const records = scan.records.take()
  post({ kind: 'batch', resolvedUpTo: scan.window.base, counts: countStates(scan.tally), stats, records }, [records])
  scan.tally.fill(0)
  Atomics.add(data.cells, UNREAD, 1)
}

/** What the caller's gate allows: everything when there is none. */
class Credits {
  #used = 0
  #wanted = 0

  available(sent: number): number {
    if (!data.gated) return Number.POSITIVE_INFINITY
    this.#used = sent
    return (Atomics.load(data.cells, GRANTED) - this.#used) | 0
  }

  /** Asks for about as many as will be sent soon, one request at a time. */
  refill(rate: number): void {
    if (!data.gated) return
    const granted = Atomics.load(data.cells, GRANTED)
    const ahead = Math.max(1, Math.min(4096, Math.ceil((rate * AHEAD_MS) / 1000)))
    if (granted < this.#wanted || granted - this.#used > ahead / 2) return
    this.#wanted = granted + 1
    post({ kind: 'want', count: ahead })
  }
}

/** The event loop's turn: that is where another thread's sending ends. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function run(scan: SynScan, link: Link, clock: ScanClock): Promise<void> {
  const { cells } = data
  const credits = new Credits()
  let postedAt = 0
  let postedBase = data.task.from
  while (!scan.isDone && Atomics.load(cells, ABORTED) === 0) {
    const now = clock.now()
    const isHeld = Atomics.load(cells, UNREAD) >= MAX_UNREAD
    const pause = scan.step(now, credits.available(scan.sent), isHeld)
    credits.refill(scan.rate)
    const fresh = scan.records.count > 0 || scan.window.base > postedBase
    if (fresh && !isHeld && (now - postedAt >= INTERVAL || scan.records.count >= RESULTS)) {
      postBatch(scan)
      postedAt = now
      postedBase = scan.window.base
    }
    if (link.isSending) await turn()
    if (pause < 0.05 || scan.isDone) continue
    clock.expect(pause)
    link.wait(pause)
  }
  // What has come in by now still counts.
  if (!scan.isDone) scan.finish(clock.now())
  postBatch(scan)
}

function bytesOf(text: string): Uint8Array {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new LocalTrouble('EINVAL', `the source address ${text} is not an address`)
  return addressToBytes(parsed.value)
}

async function main(): Promise<void> {
  const libc = openLibc()
  const space = createProbeSpace(data.plan)
  const ports = claimPorts(libc)
  const link = new Link(ports.base)
  const route: RouteOptions = {
    ...(data.sourceAddress === undefined ? {} : { sourceAddress: bytesOf(data.sourceAddress) }),
    ...(data.interface === undefined ? {} : { interface: data.interface }),
  }
  const clock = new ScanClock(() => performance.now())
  const parts = { task: data.task, space, link, portBase: ports.base, key: randomBytes(8), route, now: clock.now() }
  const scan = new SynScan(parts)
  try {
    await run(scan, link, clock)
  } finally {
    scan.close()
    await link.close()
    libc.close(ports.fd)
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof LocalTrouble)) throw error
  post({ kind: 'trouble', code: error.code, message: error.message })
}
