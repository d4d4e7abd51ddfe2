/** What zod finds wrong, in words that name what to write instead. Messages of the schemas themselves come first. */
import type { z } from 'zod'

type RawIssue = z.core.$ZodRawIssue

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

/** For `safeParse(value, { error: inWords })`; undefined leaves the issue to zod's own words. */
export function inWords(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `required: ${KINDS[issue.expected] ?? issue.expected}`
      return `must be ${KINDS[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`
    case 'too_small':
      return bounded(issue.origin, 'least', Number(issue.minimum))
    case 'too_big':
      return bounded(issue.origin, 'most', Number(issue.maximum))
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'invalid_format':
      return issue.format === 'datetime' ? 'must be a moment with its zone, such as 2026-11-03T09:30:00Z' : undefined
    default:
      return undefined
  }
}

function bounded(origin: string, bound: 'least' | 'most', limit: number): string {
  const counted = origin === 'string' ? 'character' : origin === 'array' ? 'item' : null
  if (counted === null) return `must be ${limit} or ${bound === 'least' ? 'more' : 'less'}`
  if (bound === 'least' && limit === 1) return origin === 'string' ? 'must not be empty' : 'must have at least one item'
  return `must have at ${bound} ${limit} ${counted}${limit === 1 ? '' : 's'}`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  // What JSON writes as 1e400.
  if (typeof value === 'number' && !Number.isFinite(value)) return 'one too large to count with'
  return KINDS[typeof value] ?? typeof value
}
