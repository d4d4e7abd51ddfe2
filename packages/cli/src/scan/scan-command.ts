import { isEmpty } from '@portolan/core/target/address-set.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { knowledgeFrom } from '../knowledge-options.ts'
import { flagOption, textOption } from '../read-options.ts'
import { openTerminal } from '../terminal.ts'
import { conductScan } from './conduct-scan.ts'
import { dryRun, listAddresses } from './dry-run.ts'
import { openResults } from './open-results.ts'
import { planStages } from './plan-scan.ts'
import { prepareScan, type ScanJob } from './prepare-scan.ts'
import { leftOut } from './resolve-reach.ts'

const complain = (text: string) => void process.stderr.write(`portolan: ${text}\n`)

export async function scanCommand(words: readonly string[], options: Options): Promise<number> {
  if (options.from !== undefined) throw new UsageError('--from is a place a service scans from: add --server URL')
  const quiet = flagOption(options, 'quiet')
  const terminal = openTerminal({ plain: flagOption(options, 'plain'), quiet })
  const job = await prepareScan(words, options)
  const { addresses, ports, seed } = job
  for (const words of leftOut(job)) complain(words)
  if (isEmpty(addresses)) {
    complain(nothingLeft(job))
    return EXIT.failed
  }
  if (flagOption(options, 'list')) {
    await listAddresses(addresses)
    return EXIT.done
  }
  const stages = flagOption(options, 'dryRun')
    ? null
    : await planStages(addresses, ports, { engine: job.options.engine, seed, inline: !isPaced(job) })
  if (stages === null) return printDryRun(job, options, terminal.tableWidth)
  const protocols = await protocolsOf(job, quiet)
  const results = await openResults({ job, stages, options, terminal })
  const talk = { quiet, verbose: flagOption(options, 'verbose') }
  return conductScan({ job, stages, terminal, results, protocols, statsFile: textOption(options, 'stats'), talk })
}

function nothingLeft({ routeless, unresolved }: ScanJob): string {
  if (routeless.length > 0) return 'there is nothing to scan; portolan doctor looks at the routes'
  return unresolved.length > 0 ? 'there is nothing to scan' : 'the exclusions leave nothing to scan'
}

/**
 * A thread of its own costs a tenth of a second, but keeps the rate whatever else is done meanwhile; as fast as possible
 * is sooner done without.
 */
function isPaced({ options: { pace } }: ScanJob): boolean {
  return typeof pace.rate === 'number' || typeof pace.perHostRate === 'number'
}

/** Null: what is built in, which is loaded when there is somebody to ask. */
async function protocolsOf({ options: { knowledge, services } }: ScanJob, quiet: boolean) {
  if (knowledge === null || services === null) return null
  const { protocols, notes } = await knowledgeFrom(knowledge)
  if (!quiet) for (const note of notes) complain(note)
  return protocols
}

async function printDryRun(
  { addresses, ports, options: asked, unresolved }: ScanJob,
  options: Options,
  width: number,
): Promise<number> {
  const { rate } = asked.pace
  const engines = [ports.tcp.length > 0 ? asked.engine : null, ports.udp.length > 0 ? 'udp' : null]
  const facts = { addresses, ports, rate: typeof rate === 'number' ? rate : null, unresolved }
  const asJson = /json/.test(textOption(options, 'format') ?? '')
  process.stdout.write(dryRun({ ...facts, engines: engines.filter((name) => name !== null) }, asJson ? null : width))
  return EXIT.done
}
