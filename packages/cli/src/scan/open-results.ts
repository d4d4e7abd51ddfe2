import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Options } from '../command-spec.ts'
import { flagOption, textOption } from '../read-options.ts'
import type { Terminal } from '../terminal.ts'
import { outputsOf, recordOf, runFacts } from './outputs.ts'
import type { Stage } from './plan-scan.ts'
import type { ScanJob } from './prepare-scan.ts'
import { tables } from './report.ts'
import { Results } from './results.ts'
import { checkOutputs, needsAll, openSink } from './sinks.ts'

export type ResultsInput = {
  readonly job: ScanJob
  readonly stages: readonly Stage[]
  readonly options: Options
  readonly terminal: Terminal
}

/** Opens every output and gives them what an earlier run of the same scan found. */
export async function openResults({ job, stages, options, terminal }: ResultsInput): Promise<Results> {
  const outputs = outputsOf(options)
  const stats = textOption(options, 'stats')
  if (stats !== undefined) await checkOutputs([{ format: 'json', file: stats }])
  const reasons = flagOption(options, 'verbose')
  const inFile = { tableWidth: Infinity, paint: (_: unknown, text: string) => text }
  const table = (all: readonly EndpointRecord[], toTerminal: boolean) =>
    tables(all, { ...(toTerminal ? terminal : inFile), reasons }, job.ports)
  const run = runFacts(job, stages)
  const sinks = await Promise.all(
    outputs.map((output) => openSink(output, { run, table, onlyOpen: !flagOption(options, 'all') })),
  )
  const record = recordOf(options, { outputs, stages })
  return new Results({ job, sinks, record, holdsAll: needsAll(outputs) || job.stateFile !== null })
}
