/** Runs a prepared scan in front of a person: progress, Ctrl-C, outputs, closing words, exit code. */
import { LocalTrouble } from '@portolan/core/engine/engine.ts'
import { EXIT } from '../exit.ts'
import type { Terminal } from '../terminal.ts'
import { leaveState } from './go-on.ts'
import { onInterrupt } from './interrupt.ts'
import { nothingYet, sayClosing, summaryOf, type Talk } from './outcome.ts'
import type { Stage } from './plan-scan.ts'
import type { ScanJob } from './prepare-scan.ts'
import { createProgressLine } from './progress-line.ts'
import type { Results } from './results.ts'
import { type Progress, runScan, type ScanPlan } from './run-scan.ts'
import { NOTHING, writeStats } from './totals.ts'

const complain = (text: string) => void process.stderr.write(`portolan: ${text}\n`)

export type Work = {
  readonly job: ScanJob
  readonly stages: readonly Stage[]
  /** Where the numbers go. */
  readonly statsFile: string | undefined
  /** How much is said beside the results. */
  readonly talk: Talk
  readonly terminal: Terminal
  readonly results: Results
  /** What detection knows; null: what is built in. */
  readonly protocols: ScanPlan['protocols']
}

export async function conductScan({
  job,
  stages,
  terminal,
  results,
  protocols,
  statsFile,
  talk,
}: Work): Promise<number> {
  const line = createProgressLine(terminal)
  using interrupt = onInterrupt((text) => {
    line.clear()
    complain(text)
  })
  let last: Progress | null = null
  let trouble: LocalTrouble | null = null
  const listener = {
    opened: (...found: Parameters<Results['wait']>) => results.wait(...found),
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
    last = await runScan(planOf(job, stages, { results, protocols }), listener, interrupt.signal)
  } catch (error) {
    if (!(error instanceof LocalTrouble)) throw error
    trouble = error
  }
  line.clear()
  const progress = last ?? nothingYet(stages)
  const complete = trouble === null && !interrupt.signal.aborted
  await results.finish(progress, summaryOf({ job, progress, results, trouble, complete }))
  await writeStats(statsFile, progress)
  // Of a scan that could not even start there is nothing to tell but why.
  if (trouble === null || progress.totals.sent > 0) sayClosing({ job, stages, progress }, terminal, talk)
  const wayOn = job.stateFile === null ? null : await leaveState(job.stateFile, complete)
  if (trouble) complain(inWords(trouble))
  if (wayOn !== null) complain(wayOn)
  return trouble ? EXIT.failed : complete ? EXIT.done : EXIT.interrupted
}

function inWords({ code, message }: LocalTrouble): string {
  const cure = code === 'NO_ROUTE' ? '; portolan doctor looks at the routes' : ''
  return `this machine failed, not the targets: ${message}${message.includes(code) ? '' : ` (${code})`}${cure}`
}

type Given = Pick<Work, 'results' | 'protocols'>

function planOf({ options, names, before }: ScanJob, stages: readonly Stage[], given: Given): ScanPlan {
  const { unasked, record } = given.results
  return {
    stages,
    from: before?.resolved ?? { tcp: 0, udp: 0 },
    before: before?.totals ?? NOTHING,
    names,
    unasked,
    record,
    pace: options.pace,
    services: options.services,
    protocols: given.protocols,
  }
}
