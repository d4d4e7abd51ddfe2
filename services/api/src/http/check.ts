/** Runs a zod schema over one part of a request and says what is wrong in words, all of it at once. */
import type { z } from 'zod'
import { inWords } from './in-words.ts'
import { type FieldError, Problem, pointerTo } from './problem.ts'

type Place = FieldError['in']
type Issue = z.core.$ZodIssue

/** More would help nobody, and the body that caused them may be a megabyte of mistakes. */
const MOST_ERRORS = 50

export function check<T>(schema: z.ZodType<T>, value: unknown, place: Place): T {
  const result = schema.safeParse(value, { error: inWords })
  if (result.success) return result.data
  const errors = result.error.issues.flatMap((issue) => describe(issue, place)).slice(0, MOST_ERRORS)
  const [first, ...rest] = errors
  const where = first && first.pointer !== '#' ? `${first.pointer.slice(2)}: ` : ''
  const more = rest.length > 0 ? ` (and ${rest.length} more)` : ''
  throw new Problem('validation', `${where}${first?.detail ?? 'invalid'}${more}`, { errors })
}

function describe(issue: Issue, place: Place): FieldError[] {
  const at = (path: readonly PropertyKey[], detail: string): FieldError => ({
    in: place,
    pointer: pointerTo(path).slice(0, 500),
    detail: detail.slice(0, 500),
  })
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => at([...issue.path, key], 'unknown field; remove it or check its spelling'))
  if (issue.code === 'invalid_union') {
    const wanted = [...new Set(issue.errors.flat().map((inner) => inner.message))]
    return [at(issue.path, wanted.length > 0 ? wanted.join('; or: ') : issue.message)]
  }
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => at(issue.path, `its name ${inner.message}`))
  return [at(issue.path, issue.message)]
}
