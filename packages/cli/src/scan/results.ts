/** Everything a scan found, on its way to the outputs and into the state file. */
import type { ScanTask } from '@portolan/core/engine/engine.ts'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import type { RunSummary } from '@portolan/core/format/result-writer.ts'
import type { ScanJob } from './prepare-scan.ts'
import { sorted } from './report.ts'
import type { Progress } from './run-scan.ts'
import type { Sink } from './sinks.ts'
import { type Found, writeState } from './state-file.ts'

/** Milliseconds between two writings of the state file. */
const KEEP_EVERY = 5000
export type ResultsParts = {
  readonly job: ScanJob
  readonly sinks: readonly Sink[]
  readonly record: ScanTask['record']
  /** Keeps endpoints until the end; else they are passed on and forgotten. */
  readonly holdsAll: boolean
}

export class Results {
  readonly record: ScanTask['record']
  /** Open ports an earlier run had no time to ask. */
  readonly unasked: readonly EndpointRecord[]
  readonly #parts: ResultsParts
  readonly #found = new Map<string, Found>()
  /** Open ports that are being asked what they run: a scan that is killed must not lose them. */
  readonly #waiting = new Map<string, EndpointRecord>()
  readonly #hosts = new Set<string>()
  #keptAt = performance.now()

  constructor(parts: ResultsParts) {
    const { options, before } = parts.job
    this.#parts = parts
    this.record = parts.record
    const waits = ({ detected, endpoint }: Found) => options.services !== null && !detected && endpoint.state === 'open'
    const found = before?.found ?? []
    this.unasked = found.filter(waits).map(({ endpoint }) => endpoint)
    for (const endpoint of this.unasked) this.wait(endpoint)
    for (const old of found) if (!waits(old)) this.add(old.endpoint, old.detected)
  }

  /** Addresses with a listed endpoint. */
  get hosts(): number {
    return this.#hosts.size
  }

  /** Takes note of an open port that is added later, when it is known what runs there. */
  wait(endpoint: EndpointRecord): void {
    if (this.#parts.job.stateFile !== null) this.#waiting.set(keyOf(endpoint), endpoint)
  }

  add(endpoint: EndpointRecord, detected: boolean): void {
    const key = keyOf(endpoint)
    this.#waiting.delete(key)
    // A resumed run may meet an endpoint again; what is known of it stays.
    if (this.#found.has(key)) return
    if (this.#parts.holdsAll) this.#found.set(key, { endpoint, detected })
    this.#hosts.add(endpoint.ip)
    for (const sink of this.#parts.sinks) sink.endpoint(endpoint)
  }

  /** Lets slow readers catch up, and writes the state file every few seconds. */
  async keep(progress: Progress): Promise<void> {
    for (const sink of this.#parts.sinks) await sink.drained()
    if (performance.now() - this.#keptAt < KEEP_EVERY) return
    this.#keptAt = performance.now()
    await this.#save(progress)
  }

  async finish(progress: Progress, summary: RunSummary): Promise<void> {
    if (summary.outcome === 'error') await this.#save(progress)
    const all = sorted([...this.#found.values()].map(({ endpoint }) => endpoint))
    const ends = await Promise.allSettled(this.#parts.sinks.map((sink) => sink.finish(all, summary)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  async #save({ totals, resolved }: Progress): Promise<void> {
    const { stateFile, addresses, names, ports, seed, startedAt } = this.#parts.job
    const waiting = Array.from(this.#waiting.values(), (endpoint) => ({ endpoint, detected: false }))
    const found = [...this.#found.values(), ...waiting]
    if (stateFile !== null)
      await writeState(stateFile, { addresses, names, ports, seed, startedAt, totals, resolved, found })
  }
}

const keyOf = ({ ip, transport, port }: EndpointRecord) => `${ip} ${transport} ${port}`
