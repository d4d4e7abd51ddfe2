/** What a scan on the service found, in every format that is wanted here. */
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import type { RunFacts } from '@portolan/core/format/result-writer.ts'
import type { Options } from '../command-spec.ts'
import { flagOption, placesOption } from '../read-options.ts'
import type { Terminal } from '../terminal.ts'
import { version } from '../version.ts'
import { outputsOf } from './outputs.ts'
import { sorted, tables } from './report.ts'
import type { ScanOptions } from './scan-options.ts'
import { checkOutputs, openSink } from './sinks.ts'

type Print = {
  readonly asked: ScanOptions
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly options: Options
  readonly terminal: Terminal
  /** Addresses the service was asked to scan. */
  readonly hosts: number
  /** Why not all of it was done; null: it was. */
  readonly early: string | null
}

/** Throws UsageError when something could not be written at the end. */
export const checkFiles = (options: Options): Promise<void> => checkOutputs(outputsOf(options))

export async function printFound(all: readonly EndpointRecord[], print: Print): Promise<void> {
  const { asked, startedAt, options, terminal, hosts, early } = print
  const found = sorted(all)
  const run: RunFacts = {
    version: version(),
    startedAt,
    command: ['portolan', ...process.argv.slice(2)].join(' '),
    ports: asked.ports,
    tcpEngine: asked.engine === 'syn' ? 'syn' : 'connect',
  }
  const inFile = { tableWidth: Infinity, paint: (_: unknown, text: string) => text }
  const reasons = flagOption(options, 'verbose')
  const places = placesOption(options).length > 1
  const table = (all: readonly EndpointRecord[], toTerminal: boolean) =>
    tables(all, { ...(toTerminal ? terminal : inFile), reasons, places }, run.ports)
  const up = new Set(found.map(({ ip }) => ip)).size
  const end = early === null ? ({ outcome: 'success' } as const) : ({ outcome: 'error', message: early } as const)
  const summary = { finishedAt: Date.now(), hosts, up, ...end }
  for (const output of outputsOf(options)) {
    const sink = await openSink(output, { run, table, onlyOpen: !flagOption(options, 'all') })
    for (const endpoint of found) sink.endpoint(endpoint)
    await sink.finish(found, summary)
  }
}
