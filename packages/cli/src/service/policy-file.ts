/** What testing a policy has in common, whether the service remembers or a file tells what is open. */
import { readFile } from 'node:fs/promises'
import type { Violation } from '@portolan/core/exposure/evaluate-policy.ts'
import { EXIT, UsageError } from '../exit.ts'
import { fileTrouble } from '../file-trouble.ts'
import type { Column, Output } from './output.ts'
import { placeText, severityStyle } from './places.ts'

/** `-` is standard input. */
export const textOf = (file: string) =>
  readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch((error: Error) => {
    throw new UsageError(`${file} cannot be read: ${fileTrouble(error)}`)
  })

const SHAPE: readonly Column<Violation>[] = [
  { title: 'SEVERITY', cell: ({ severity }) => severity, style: severityStyle },
  { title: 'ENDPOINT', cell: ({ endpoint }) => placeText(endpoint) },
  { title: 'RULE', cell: ({ ruleId }) => ruleId ?? '-' },
  { title: 'WHAT', cell: ({ detail }) => detail },
]

type Evaluation = {
  /** Violations in all, of which there may be fewer here. */
  readonly total: number
  readonly violations: readonly Violation[]
  /** How many open endpoints were held against it. */
  readonly endpoints: number
}

/** Returns the exit code. */
export function tellEvaluation({ total, violations, endpoints }: Evaluation, output: Output): number {
  output.list(violations, SHAPE, `${endpoints} open endpoints, all as they should be`)
  if (total > violations.length) process.stderr.write(`portolan: the first ${violations.length} of ${total}\n`)
  return total > 0 ? EXIT.policy : EXIT.done
}
