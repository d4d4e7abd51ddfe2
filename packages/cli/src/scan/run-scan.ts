/** A scan without a server: the engines' results go through detection and out as endpoint records. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Detection, Protocol } from '@portolan/core/detect/protocol.ts'
import type { Batch, PortResult, ScanTask } from '@portolan/core/engine/engine.ts'
import { type EndpointRecord, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { Doubts, type Judgement } from './doubts.ts'
import type { Stage } from './plan-scan.ts'
import { ServiceQueue } from './service-queue.ts'
import { addCounts, addRun, NOTHING, type Totals } from './totals.ts'

export type ScanPlan = {
  readonly stages: readonly Stage[]
  /** The position each stage starts from; 0 unless the scan is resumed. */
  readonly from: Readonly<Record<Transport, number>>
  readonly before: Totals
  readonly names: ReadonlyMap<string, string>
  /** Open ports an earlier run found and had no time to ask. */
  readonly unasked: readonly EndpointRecord[]
  readonly record: ScanTask['record']
  readonly pace: Partial<ScanTask>
  /** Null: nobody is asked what it runs. */
  readonly services: 'light' | 'default' | 'all' | null
  /** What detection knows; null: what is built in. */
  readonly protocols: readonly Protocol[] | null
}

/** How far a scan has come. */
export type Progress = {
  readonly totals: Totals
  /** Positions that are final, per transport. */
  readonly resolved: Readonly<Record<Transport, number>>
  readonly done: number
  readonly probes: number
  /** Open ports found, and how many of them are still being asked what they run. */
  readonly open: number
  readonly asking: number
  /** Milliseconds since the engines were done, in which services were still asked; 0 while they run. */
  readonly naming: number
  /** Addresses that open whatever they are asked, in the order in which that was found out. */
  readonly allPortsOpen: readonly string[]
}

export interface ScanListener {
  /** An open port that `endpoint` will tell of once it is known what runs there. */
  opened(record: EndpointRecord): void
  /** `detected` is false for an open port that nobody has asked yet, because the scan was interrupted. */
  endpoint(record: EndpointRecord, detected: boolean): void
  /** A few times a second. May wait: the scan does not get ahead of a slow reader. */
  progress(progress: Progress): Promise<void> | void
}

/** Ends early, with what is known, when `signal` aborts. Throws LocalTrouble when this machine fails. */
export async function runScan(plan: ScanPlan, listener: ScanListener, signal: AbortSignal): Promise<Progress> {
  const state: State = {
    totals: plan.before,
    resolved: { ...plan.from },
    open: 0,
    allPortsOpen: new Set<string>(),
    probed: Infinity,
  }
  const tell = (endpoint: EndpointRecord, detection: Detection | null) =>
    listener.endpoint(named(endpoint, detection), detection !== null || plan.services === null)
  const queue = plan.services === null ? null : new ServiceQueue(() => detectorOf(plan), signal, tell)
  const judgement: Judgement = {
    believe: (endpoint) => (queue ? queue.push(endpoint) : tell(endpoint, null)),
    disbelieve(endpoint) {
      state.allPortsOpen.add(endpoint.ip)
      listener.endpoint({ ...endpoint, allPortsOpen: true }, true)
    },
  }
  const progress = () => progressOf(plan, state, queue?.pending ?? 0)
  const tellOn = () => listener.progress(progress())
  for (const endpoint of plan.unasked) queue?.push(endpoint)
  for (const { space, engine } of plan.stages) {
    const { transport } = space
    const from = plan.from[transport]
    const doubts = new Doubts({ engine, space, from, limits: plan.pace, random: Math.random, signal }, judgement)
    const task: ScanTask = { ...plan.pace, space, record: plan.record, from, to: space.size }
    const run = startRun(state.totals)
    for await (const batch of engine.scan(task, signal)) {
      state.totals = run.with(batch)
      state.resolved[transport] = batch.resolvedUpTo
      for (const result of batch.results) {
        const endpoint = endpointOf(result, transport, plan.names.get(result.ip) ?? null)
        if (endpoint.state !== 'open') tell(endpoint, null)
        else {
          state.open++
          listener.opened(endpoint)
          doubts.take(endpoint, result.position)
        }
      }
      await tellOn()
      await queue?.room()
    }
    await during(doubts.settled(), tellOn)
    if (signal.aborted) break
  }
  state.probed = performance.now()
  if (queue) await during(queue.drained(), tellOn)
  return progress()
}

type State = {
  totals: Totals
  readonly resolved: Record<Transport, number>
  open: number
  readonly allPortsOpen: Set<string>
  /** When the engines were done, by `performance.now()`. */
  probed: number
}

function progressOf({ stages }: ScanPlan, state: State, asking: number): Progress {
  const { totals, resolved, open, allPortsOpen, probed } = state
  return {
    totals,
    resolved: { ...resolved },
    done: stages.reduce((sum, { space }) => sum + resolved[space.transport], 0),
    probes: stages.reduce((sum, { space }) => sum + space.size, 0),
    open,
    asking,
    naming: Math.max(0, performance.now() - probed),
    allPortsOpen: [...allPortsOpen],
  }
}

/** Milliseconds between two words on how far it is, while no engine gives occasion to them. */
const TELL_EVERY = 200

/** A service that says nothing takes many seconds: whoever waits is told on. */
async function during(work: Promise<void>, tellOn: () => Promise<void> | void): Promise<void> {
  using stop = stoppable()
  const over = work.then(() => true)
  const later = () => sleep(TELL_EVERY, false, stop).catch(() => true)
  while (!(await Promise.race([over, later()]))) await tellOn()
}

function stoppable(): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() }
}

/** One engine's run: its batches carry totals of the run so far, which begin anew with each. */
function startRun(before: Totals) {
  const started = performance.now()
  let counts = NOTHING.counts
  return {
    with(batch: Batch): Totals {
      counts = addCounts(counts, batch.counts)
      return addRun(before, counts, batch.stats, performance.now() - started)
    },
  }
}

async function detectorOf({ services: mode, protocols }: ScanPlan) {
  const { createDetector } = await import('@portolan/core/detect/detect.ts')
  return createDetector({ ...(mode && { mode }), ...(protocols && { protocols }) })
}

function endpointOf(result: PortResult, transport: Transport, hostname: string | null): EndpointRecord {
  const { ip, port, state, reason, rtt } = result
  const rounded = rtt === null ? null : Number(rtt.toFixed(3))
  return { ip, port, transport, state, reason, rtt: rounded, service: null, hostname }
}

/** Only open ports have a service. */
function named(endpoint: EndpointRecord, detection: Detection | null): EndpointRecord {
  const { state, port, transport } = endpoint
  return state === 'open' ? { ...endpoint, service: serviceRecord(detection, port, transport) } : endpoint
}
