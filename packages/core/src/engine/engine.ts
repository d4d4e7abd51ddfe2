/**
 * The contract of the scanning engines (`syn`, `connect`, `udp`) and the words they answer in.
 *
 * probe     one question to one (address, transport, port)
 * position  the number of a probe in the permuted order of its probe space
 * resolved  a position whose state is final: answered, or silent after every retry
 */
import type { ProbeSpace } from '#core/target/probe-space.ts'
import type { RateGate } from './rate-gate.ts'

export type PortState = 'open' | 'closed' | 'filtered' | 'open|filtered'

/** Why a port has its state. Local trouble (EMFILE, ENETDOWN, ...) is never a reason: it pauses and retries. */
export type Reason =
  | 'syn-ack'
  | 'reset'
  | 'conn-accept'
  | 'conn-refused'
  | 'no-response'
  | 'udp-response'
  | 'port-unreach'
  | 'proto-unreach'
  | 'host-unreach'
  | 'net-unreach'
  | 'host-prohibited'
  | 'net-prohibited'
  | 'admin-prohibited'
  | 'ttl-exceeded'
  | 'param-problem'

export interface PortResult {
  /** Position in the probe space: the identity of the result within its scan. */
  readonly position: number
  /** Canonical text form: dotted quad, or RFC 5952. */
  readonly ip: string
  readonly port: number
  readonly state: PortState
  readonly reason: Reason
  /** Round trip in milliseconds, null when nothing answered. */
  readonly rtt: number | null
  /** Who said so, when it was not the target itself (a router's ICMP, a reply from another address). */
  readonly from?: string
}

export interface StateCounts {
  readonly open: number
  readonly closed: number
  readonly filtered: number
  readonly openFiltered: number
}

/** Running totals of one `scan` call; each batch carries the totals so far. */
export interface EngineStats {
  /** Packets or connection attempts sent, retries included. */
  readonly sent: number
  /** Valid answers received, each counted once however often it comes. */
  readonly received: number
  /** Answers dropped because they failed validation (no cookie, wrong port, not asked for). */
  readonly invalid: number
  /** Fraction of probes or answers lost on the way, 0..1, inferred from retries that were answered. */
  readonly lossEstimate: number
  /** Estimated share of answering ports whose answer arrived, 0..1. Without retries nothing tells, and little loss is assumed. */
  readonly recallEstimate: number
}

/**
 * What an engine yields. Batches are in order: the first covers [from, resolvedUpTo), the next starts where it
 * ended. `counts` covers exactly that interval, so adding them up is exactly-once by construction.
 */
export interface Batch {
  /** Every position below this one is final; store it as the checkpoint. Never goes back. */
  readonly resolvedUpTo: number
  readonly counts: StateCounts
  /**
   * Results to record. An open port is reported as soon as it is known, so its position may lie beyond
   * `resolvedUpTo`; a run resumed from the checkpoint may report it again (same position, same key).
   * Within one `scan` call no position is reported twice.
   */
  readonly results: readonly PortResult[]
  readonly stats: EngineStats
}

export interface ScanTask {
  readonly space: ProbeSpace
  /** First position, and one past the last: a shard, or what is left of it. */
  readonly from: number
  readonly to: number
  /** `open`: open and open|filtered-with-an-answer only; `all`: every port. The rest is counted. */
  readonly record: 'open' | 'all'
  /** Probes per second over everything this call sends; `max`: as fast as the path carries it without loss. */
  readonly rate?: number | 'max'
  /** Probes per second to any one address. */
  readonly perHostRate?: number | 'max'
  /**
   * One cell of shared memory: the probes per second this call may send to any one address now, of `perHostRate`, which
   * must be given too. Changes while the scan runs, as others take part or leave; at 0 nothing is sent.
   */
  readonly hostShare?: Int32Array
  /** How often a silent probe is repeated at most; unset: adapts to the loss observed. */
  readonly retries?: number
  /** Upper bound of the time one probe waits for its answer, in milliseconds; below it the measured RTT decides. */
  readonly timeout?: number
  /** Limits shared with other engines of this worker, or of the cluster. Asked before every batch of probes. */
  readonly gate?: RateGate
  /** Send from this address, or through this interface, instead of what the routing table says. */
  readonly sourceAddress?: string
  readonly interface?: string
}

export interface Engine {
  readonly name: 'syn' | 'connect' | 'udp'
  /**
   * Probes every position of the task. Ends after the batch whose `resolvedUpTo` is `task.to`. When `signal` aborts,
   * stops sending at once, yields one last batch with what is final by then, and returns.
   * Throws LocalTrouble when this machine, not the target, keeps it from going on.
   */
  scan(task: ScanTask, signal: AbortSignal): AsyncIterable<Batch>
}

/** The scanning machine itself failed (interface down, no privilege, out of memory). Never a verdict on a port. */
export class LocalTrouble extends Error {
  override readonly name = 'LocalTrouble'
  /** The errno name, or a word of ours (`NO_ROUTE`, `NO_CAP_NET_RAW`). */
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
