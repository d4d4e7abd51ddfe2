/** Everything a scan found, on its way to the outputs and into the state file. */

import type { ScanTask } from '@portolan/core/engine/engine.ts'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import type { RunSummary } from '@portolan/core/format/result-writer.ts'
import type { Options } from '../command-spec.ts'
import type { Terminal } from '../terminal.ts'
import { outputsOf, recordOf, runFacts } from './outputs.ts'
import type { Stage } from './plan-scan.ts'
import type { ScanJob } from './prepare-scan.ts'
import { sorted, tables } from './report.ts'
import type { Progress } from './run-scan.ts'
import { needsAll, openSink } from './sinks.ts'
import { type Found, writeState } from './state-file.ts'

export interface Results {
  readonly record: ScanTask['record']
  /** Open ports an earlier run had no time to ask. */
  readonly unasked: readonly EndpointRecord[]
  /** Addresses with a listed endpoint. */
  readonly hosts: number
  add(endpoint: EndpointRecord, detected: boolean): void
  /** Lets slow readers catch up, and writes the state file every few seconds. */
  keep(progress: Progress): Promise<void>
  finish(progress: Progress, summary: RunSummary): Promise<void>
}

/** Milliseconds between two writings of the state file. */
const KEEP_EVERY = 5000

export type ResultsInput = {
  readonly job: ScanJob
  readonly stages: readonly Stage[]
  readonly options: Options
  readonly terminal: Terminal
}

export async function openResults({ job, stages, options, terminal }: ResultsInput): Promise<Results> {
  const outputs = outputsOf(options)
  const table = (all: readonly EndpointRecord[], toTerminal: boolean) =>
    tables(all, toTerminal ? terminal : { width: 200, paint: (_, text) => text }, job.ports)
  const sinks = await Promise.all(outputs.map((output) => openSink(output, { run: runFacts(job, stages), table })))
  const holdsAll = needsAll(outputs) || job.stateFile !== null
  const found = new Map<string, Found>()
  const hosts = new Set<string>()
  let keptAt = performance.now()

  const results: Results = {
    record: recordOf(options, { outputs, stages }),
    unasked: job.options.services === null ? [] : unaskedOf(job),
    get hosts() {
      return hosts.size
    },
    add(endpoint, detected) {
      const { ip, transport, port } = endpoint
      const key = `${ip} ${transport} ${port}`
      // A resumed run may meet an endpoint again; it counts once, and what it runs is remembered.
      if (found.has(key)) return
      if (holdsAll) found.set(key, { endpoint, detected })
      hosts.add(ip)
      for (const sink of sinks) sink.endpoint(endpoint)
    },
    async keep(progress) {
      for (const sink of sinks) await sink.drained()
      if (job.stateFile === null || performance.now() - keptAt < KEEP_EVERY) return
      keptAt = performance.now()
      await save(progress)
    },
    async finish(progress, summary) {
      if (job.stateFile !== null && summary.outcome === 'error') await save(progress)
      const all = sorted([...found.values()].map(({ endpoint }) => endpoint))
      for (const sink of sinks) await sink.finish(all, summary)
    },
  }
  const save = async ({ totals, resolved }: Progress) => {
    const { stateFile, addresses, names, ports, seed, startedAt } = job
    const state = { addresses, names, ports, seed, startedAt, totals, resolved, found: [...found.values()] }
    if (stateFile !== null) await writeState(stateFile, state)
  }
  const again = new Set(results.unasked)
  for (const { endpoint, detected } of job.before?.found ?? [])
    if (!again.has(endpoint)) results.add(endpoint, detected)
  return results
}

const unaskedOf = ({ before }: ScanJob) =>
  (before?.found ?? [])
    .filter(({ detected, endpoint }) => !detected && endpoint.state === 'open')
    .map(({ endpoint }) => endpoint)
