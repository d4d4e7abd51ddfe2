/** A scan without a server: the engines' results go through detection and out as endpoint records. */
import type { Detection, Protocol } from '@portolan/core/detect/protocol.ts'
import type { PortResult, ScanTask } from '@portolan/core/engine/engine.ts'
import { type EndpointRecord, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import type { Stage } from './plan-scan.ts'
import { ServiceQueue } from './service-queue.ts'
import { addCounts, addRun, NO_STATS, NOTHING, type Totals } from './totals.ts'

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
}

export interface ScanListener {
  /** `detected` is false for an open port that nobody has asked yet, because the scan was interrupted. */
  endpoint(record: EndpointRecord, detected: boolean): void
  /** A few times a second. May wait: the scan does not get ahead of a slow reader. */
  progress(progress: Progress): Promise<void> | void
}

/** Ends early, with what is known, when `signal` aborts. Throws LocalTrouble when this machine fails. */
export async function runScan(plan: ScanPlan, listener: ScanListener, signal: AbortSignal): Promise<Progress> {
  const probes = plan.stages.reduce((sum, { space }) => sum + space.size, 0)
  const state = { totals: plan.before, resolved: { ...plan.from }, open: 0 }
  const tell = (endpoint: EndpointRecord, detection: Detection | null) =>
    listener.endpoint(named(endpoint, detection), detection !== null || plan.services === null)
  const { services: mode, protocols } = plan
  const load = async () => {
    const { createDetector } = await import('@portolan/core/detect/detect.ts')
    return createDetector({ ...(mode && { mode }), ...(protocols && { protocols }) })
  }
  const queue = mode === null ? null : new ServiceQueue(load, signal, tell)
  const progress = (totals: Totals): Progress => {
    const done = plan.stages.reduce((sum, { space }) => sum + state.resolved[space.transport], 0)
    return { totals, resolved: { ...state.resolved }, done, probes, open: state.open, asking: queue?.pending ?? 0 }
  }
  for (const endpoint of plan.unasked) queue?.push(endpoint)
  for (const { space, engine } of plan.stages) {
    const { transport } = space
    const task: ScanTask = { ...plan.pace, space, record: plan.record, from: plan.from[transport], to: space.size }
    const started = performance.now()
    let counts = NOTHING.counts
    let stats = NO_STATS
    const soFar = () => addRun(state.totals, counts, stats, performance.now() - started)
    for await (const batch of engine.scan(task, signal)) {
      counts = addCounts(counts, batch.counts)
      stats = batch.stats
      state.resolved[transport] = batch.resolvedUpTo
      for (const result of batch.results) {
        if (result.state === 'open') state.open++
        const endpoint = endpointOf(result, transport, plan.names.get(result.ip) ?? null)
        if (queue && endpoint.state === 'open') queue.push(endpoint)
        else tell(endpoint, null)
      }
      await listener.progress(progress(soFar()))
      await queue?.room()
    }
    state.totals = soFar()
    if (signal.aborted) break
  }
  await queue?.drained()
  return progress(state.totals)
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
