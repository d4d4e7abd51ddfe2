import { writeFile } from 'node:fs/promises'
import { LocalTrouble } from '@portolan/core/engine/engine.ts'
import type { RunSummary } from '@portolan/core/format/result-writer.ts'
import { isEmpty, sizeOf } from '@portolan/core/target/address-set.ts'
import { countPorts } from '@portolan/core/target/port-set.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import { flagOption, textOption } from '../read-options.ts'
import { openTerminal, type Terminal } from '../terminal.ts'
import { dryRun, listAddresses } from './dry-run.ts'
import { onInterrupt } from './interrupt.ts'
import { planStages, type Stage } from './plan-scan.ts'
import { prepareScan, type ScanJob } from './prepare-scan.ts'
import { createProgressLine } from './progress-line.ts'
import { closing } from './report.ts'
import { openResults, type Results } from './results.ts'
import { type Progress, runScan, type ScanPlan } from './run-scan.ts'
import { removeState } from './state-file.ts'
import { NOTHING, statsLine } from './totals.ts'

const complain = (text: string) => void process.stderr.write(`portolan: ${text}\n`)

export async function scanCommand(words: readonly string[], options: Options): Promise<number> {
  const terminal = openTerminal({ plain: flagOption(options, 'plain'), quiet: flagOption(options, 'quiet') })
  const job = await prepareScan(words, options)
  const { addresses, ports, seed, unresolved } = job
  for (const name of unresolved) complain(`${name} has no address, or its name server does not answer; it is left out`)
  if (isEmpty(addresses)) {
    complain(unresolved.length > 0 ? 'there is nothing to scan' : 'the exclusions leave nothing to scan')
    return EXIT.failed
  }
  if (flagOption(options, 'list')) {
    await listAddresses(addresses)
    return EXIT.done
  }
  const stages = flagOption(options, 'dryRun')
    ? null
    : await planStages(addresses, ports, { engine: job.options.engine, seed })
  if (stages === null) return printDryRun(job, options)
  const results = await openResults({ job, stages, options, terminal })
  return scan({ job, stages, options, terminal, results })
}

async function printDryRun(
  { addresses, ports, options: asked, unresolved }: ScanJob,
  options: Options,
): Promise<number> {
  const { rate } = asked.pace
  const engines = [ports.tcp.length > 0 ? asked.engine : null, ports.udp.length > 0 ? 'udp' : null]
  const facts = { addresses, ports, rate: typeof rate === 'number' ? rate : null, unresolved }
  const asJson = /json/.test(textOption(options, 'format') ?? '')
  process.stdout.write(dryRun({ ...facts, engines: engines.filter((name) => name !== null) }, asJson))
  return EXIT.done
}

type Work = {
  readonly job: ScanJob
  readonly stages: readonly Stage[]
  readonly options: Options
  readonly terminal: Terminal
  readonly results: Results
}

async function scan({ job, stages, options, terminal, results }: Work): Promise<number> {
  const line = createProgressLine(terminal)
  using interrupt = onInterrupt((text) => {
    line.clear()
    complain(text)
  })
  let last: Progress | null = null
  let trouble: LocalTrouble | null = null
  const listener = {
    endpoint: (...found: Parameters<Results['add']>) => {
      results.add(...found)
      const [{ ip, port, transport, state }] = found
      if (state === 'open') line.say(`${terminal.paintError('good', 'open')}  ${ip}  ${port}/${transport}`)
    },
    async progress(progress: Progress) {
      last = progress
      line.update(progress)
      await results.keep(progress)
    },
  }
  try {
    last = await runScan(planOf(job, stages, results), listener, interrupt.signal)
  } catch (error) {
    if (!(error instanceof LocalTrouble)) throw error
    trouble = error
  }
  line.clear()
  const progress = last ?? nothingYet(stages)
  const complete = trouble === null && !interrupt.signal.aborted
  await results.finish(progress, summaryOf({ job, progress, results, trouble, complete }))
  await writeStats(textOption(options, 'stats'), progress)
  if (!flagOption(options, 'quiet')) sayClosing(job, progress, terminal)
  if (complete && job.stateFile !== null) await removeState(job.stateFile)
  if (trouble) complain(`this machine failed, not the targets: ${trouble.message} (${trouble.code})`)
  if (!complete && job.stateFile !== null) complain(`go on with: portolan scan --resume ${job.stateFile}`)
  return trouble ? EXIT.failed : complete ? EXIT.done : EXIT.interrupted
}

function planOf({ options, names, before }: ScanJob, stages: readonly Stage[], { unasked, record }: Results): ScanPlan {
  const mode = options.services
  return {
    stages,
    from: before?.resolved ?? { tcp: 0, udp: 0 },
    before: before?.totals ?? NOTHING,
    names,
    unasked,
    record,
    pace: options.pace,
    detector: mode && (async () => (await import('@portolan/core/detect/detect.ts')).createDetector({ mode })),
  }
}

const nothingYet = (stages: readonly Stage[]): Progress => ({
  totals: NOTHING,
  resolved: { tcp: 0, udp: 0 },
  done: 0,
  probes: stages.reduce((sum, { space }) => sum + space.size, 0),
  open: 0,
  asking: 0,
})

type Outcome = {
  readonly job: ScanJob
  readonly progress: Progress
  readonly results: Results
  readonly trouble: LocalTrouble | null
  readonly complete: boolean
}

function summaryOf({ job, progress, results, trouble, complete }: Outcome): RunSummary {
  const hosts = Number(sizeOf(job.addresses))
  // Only listed ports tell which hosts they are on; of a single host any answer does.
  const up = hosts === 1 ? Math.min(1, progress.totals.received) : results.hosts
  const message = trouble?.message ?? (complete ? null : 'interrupted')
  return {
    finishedAt: Date.now(),
    hosts,
    up,
    outcome: complete ? 'success' : 'error',
    ...(message !== null && { message }),
  }
}

async function writeStats(file: string | undefined, { probes, totals }: Progress): Promise<void> {
  if (file !== undefined) await writeFile(file, statsLine(probes, totals))
}

function sayClosing({ addresses, ports }: ScanJob, progress: Progress, terminal: Terminal): void {
  const hosts = sizeOf(addresses)
  const perHost = countPorts(ports.tcp) + countPorts(ports.udp)
  for (const text of closing(progress, { hosts, perHost }))
    process.stderr.write(`${terminal.paintError('dim', text)}\n`)
}
