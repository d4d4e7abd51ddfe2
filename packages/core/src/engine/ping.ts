/**
 * Host discovery: which of these addresses have somebody behind them? Asked in every way this process may: neighbours on
 * the link by ARP and neighbour discovery, everybody else by ICMP echo, TCP SYN, TCP ACK, ICMP timestamp and UDP, one way
 * after the other until one is answered. Without privilege TCP connects and UDP remain, and echo where the administrator
 * allows it.
 */
import type { AddressSet } from '#core/target/address-set.ts'
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { ScanTask } from './engine.ts'
import { PingProber } from './ping-prober.ts'
import { PingSpace } from './ping-space.ts'
import type { PingBooks, PingReason } from './ping-way.ts'
import { openWays } from './ping-ways.ts'
import { runScan } from './scan-run.ts'
import { Schedule } from './schedule.ts'
import { formatTarget } from './sockaddr.ts'
import type { WalkTask } from './walk-task.ts'

export interface LiveHost {
  /** Canonical text form. */
  readonly ip: string
  readonly reason: PingReason
  /** Round trip in milliseconds, null when it is not known which try was answered. */
  readonly rtt: number | null
}

export type PingTask = Pick<ScanTask, 'rate' | 'retries' | 'timeout' | 'gate' | 'sourceAddress' | 'interface'> & {
  readonly addresses: AddressSet
  /** Decides the order. Default 1. */
  readonly seed?: number
}

/** Most positions between the furthest probe and the oldest one waiting. */
const WINDOW = 1 << 16

/** Yields live hosts as they are found, each once. Throws LocalTrouble and ProbeSpaceTooLarge. */
export async function* ping(task: PingTask, signal: AbortSignal): AsyncGenerator<readonly LiveHost[]> {
  const clock = () => performance.now()
  const books: PingBooks = { space: null, schedule: null }
  const { ways, decisive } = openWays(task, books, WINDOW)
  const space = new PingSpace(task.addresses, ways.length, task.seed ?? 1)
  const scanTask: WalkTask = { ...task, space, from: 0, to: space.size, record: 'open' }
  const schedule = new Schedule({ task: scanTask, now: clock(), window: WINDOW, silence: 'open|filtered' })
  Object.assign(books, { space, schedule })
  let found: LiveHost[] = []
  const target = emptyTarget()
  const at = (slot: number): ProbeTarget => {
    space.at(schedule.positionOf(slot), target)
    return target
  }
  const prober = new PingProber({
    ways,
    decisive,
    hostOf: (slot) => at(slot).host,
    found: ({ slot, reason, rtt }) => found.push({ ip: formatTarget(at(slot)), reason, rtt }),
  })
  for await (const _ of runScan({ task: scanTask, schedule, prober, silence: 'open|filtered', clock }, signal)) {
    if (found.length > 0) yield found
    found = []
  }
}
