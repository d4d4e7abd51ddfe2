/** What a scan came to: for the formats, the numbers file, and people. */
import type { LocalTrouble } from '@portolan/core/engine/engine.ts'
import type { RunSummary } from '@portolan/core/format/result-writer.ts'
import { sizeOf } from '@portolan/core/target/address-set.ts'
import { countPorts } from '@portolan/core/target/port-set.ts'
import type { Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import type { Stage } from './plan-scan.ts'
import type { ScanJob } from './prepare-scan.ts'
import { closing } from './report.ts'
import type { Results } from './results.ts'
import type { Progress } from './run-scan.ts'
import { NOTHING } from './totals.ts'

export const nothingYet = (stages: readonly Stage[]): Progress => ({
  totals: NOTHING,
  resolved: { tcp: 0, udp: 0 },
  done: 0,
  probes: stages.reduce((sum, { space }) => sum + space.size, 0),
  open: 0,
  asking: 0,
  naming: 0,
  allPortsOpen: [],
})

export type Outcome = {
  readonly job: ScanJob
  readonly progress: Progress
  readonly results: Results
  readonly trouble: LocalTrouble | null
  readonly complete: boolean
}

export function summaryOf({ job, progress, results, trouble, complete }: Outcome): RunSummary {
  const hosts = Number(sizeOf(job.addresses))
  // Only listed ports tell which hosts they are on; of a single host any answer does.
  const up = hosts === 1 ? Math.min(1, progress.totals.received) : results.hosts
  const message = trouble?.message ?? (complete ? null : 'interrupted')
  return {
    finishedAt: Date.now(),
    hosts,
    up,
    outcome: complete ? 'success' : 'error',
    allPortsOpen: progress.allPortsOpen,
    ...(message !== null && { message }),
  }
}

export type Talk = { readonly quiet: boolean; readonly verbose: boolean }
export type Done = Pick<Outcome, 'job' | 'progress'> & { readonly stages: readonly Stage[] }

export function sayClosing({ job, stages, progress }: Done, terminal: Terminal, { quiet, verbose }: Talk): void {
  if (quiet) return
  const { addresses, ports, seed } = job
  const size = { hosts: sizeOf(addresses), perHost: countPorts(ports.tcp) + countPorts(ports.udp) }
  const engines = stages.map(({ engine }) => engine.name).join(' and ')
  const lines = [...closing(progress, size), ...(verbose ? [`Engine ${engines}, seed ${seed}.`] : [])]
  for (const text of lines)
    process.stderr.write(`${terminal.paintError('dim', wrapped(text, terminal.errorWidth, 0))}\n`)
}
