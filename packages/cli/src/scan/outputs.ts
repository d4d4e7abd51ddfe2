/** What the options say about where results go and which are wanted. */
import type { ScanTask } from '@portolan/core/engine/engine.ts'
import type { RunFacts } from '@portolan/core/format/result-writer.ts'
import type { Options } from '../command-spec.ts'
import { choiceOption, flagOption, listOption } from '../read-options.ts'
import { version } from '../version.ts'
import type { Stage } from './plan-scan.ts'
import type { ScanJob } from './prepare-scan.ts'
import { type Output, type OutputFormat, outputOf } from './sinks.ts'

/** So few probes are read one by one: a table shows them all, whatever their state. */
const FEW = 25

export function outputsOf(options: Options): readonly Output[] {
  const format = choiceOption<OutputFormat>(options, 'format', [
    'table',
    'ndjson',
    'json',
    'xml',
    'gnmap',
    'csv',
    'masscan',
  ])
  const files = listOption(options, 'output').map((text) => outputOf(text, format))
  return [{ format: format ?? 'table', file: null }, ...files]
}

type Shown = { readonly outputs: readonly Output[]; readonly stages: readonly Stage[] }

export function recordOf(options: Options, { outputs, stages }: Shown): ScanTask['record'] {
  if (flagOption(options, 'all')) return 'all'
  const isShown = outputs.some(({ format }) => format === 'table')
  const probes = stages.reduce((sum, { space }) => sum + space.size, 0)
  return isShown && probes <= FEW && !flagOption(options, 'open') ? 'all' : 'open'
}

export function runFacts({ startedAt, ports }: ScanJob, stages: readonly Stage[]): RunFacts {
  const syn = stages.some(({ engine }) => engine.name === 'syn')
  const command = ['portolan', ...process.argv.slice(2)].join(' ')
  return { version: version(), startedAt, command, ports, tcpEngine: syn ? 'syn' : 'connect' }
}
