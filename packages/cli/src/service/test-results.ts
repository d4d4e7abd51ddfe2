/** `portolan policy ... --results FILE`: no service, what a scan has left in a file is what is open. */
import { baselinePolicy } from '@portolan/core/exposure/draft-policy.ts'
import { type Evidence, evaluatePolicy } from '@portolan/core/exposure/evaluate-policy.ts'
import { createHostLabels } from '@portolan/core/exposure/host-labels.ts'
import { stringify } from 'yaml'
import type { Options } from '../command-spec.ts'
import { loadResults, viewOf } from '../diff/load-results.ts'
import { openResultFile } from '../diff/open-result-file.ts'
import { EXIT, UsageError } from '../exit.ts'
import { textOption } from '../read-options.ts'
import { createOutput } from './output.ts'
import { readPolicy } from './policy-document.ts'
import { tellEvaluation } from './policy-file.ts'

/** Where a scanner stood that does not say so. */
const HERE = 'default'

/** Returns the exit code: 3 when the file shows a violation. */
export async function testResults(args: readonly string[], options: Options, results: string): Promise<number> {
  const [action, file, ...rest] = args
  const baseline = action === 'draft' && file === 'baseline'
  if (rest.length > 0 || file === undefined || !(baseline || action === 'test'))
    throw new UsageError('--results goes with policy test FILE and policy draft baseline')
  if (textOption(options, 'at') !== undefined) throw new UsageError('--at asks a service; a file knows one moment only')
  if (results === '-' && file === '-') throw new UsageError('policy and results cannot both come from standard input')
  if (baseline) {
    process.stdout.write(stringify(baselinePolicy((await evidenceIn(results, options)).open)))
    return EXIT.done
  }
  const policy = await readPolicy(file)
  if (policy.rules.some(({ tags }) => tags !== null))
    throw new UsageError(`${file} selects hosts by tags, which only a service knows: test it without --results`)
  const evidence = await evidenceIn(results, options)
  if (!evidence.asked && policy.rules.some(({ effect }) => effect === 'require'))
    process.stderr.write(
      `portolan: ${results} does not tell what was asked, as XML does: only what it lists is required\n`,
    )
  const violations = evaluatePolicy(policy, evidence, Date.now())
  const told = { total: violations.length, violations, endpoints: evidence.open.length }
  return tellEvaluation(told, createOutput(options))
}

type FileEvidence = Evidence & {
  /** Does the file tell which ports were asked? */
  readonly asked: boolean
}

async function evidenceIn(file: string, options: Options): Promise<FileEvidence> {
  const vantage = textOption(options, 'vantage') ?? HERE
  const results = await loadResults(openResultFile(file))
  const { complete, skipped } = results
  if (!complete) process.stderr.write(`portolan: ${file} ends early: what it does not list may be open all the same\n`)
  if (skipped > 0) process.stderr.write(`portolan: ${skipped} lines of ${file} could not be read\n`)
  const { open, covers } = viewOf(results, { targets: null, ports: null, assumeSame: false })
  const labels = createHostLabels(results.names, [])
  const sightings = Array.from(open, (sighting) => ({ ...sighting, vantage }))
  return { open: sightings, vantages: [vantage], covers, labels, asked: results.ports !== null }
}
