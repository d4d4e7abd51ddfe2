/** Schemas for text that people write into requests: what PostgreSQL, logs and terminals can hold without harm. */
import { z } from 'zod'

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/**
 * One line of text: no control characters (PostgreSQL refuses NUL, terminals obey escapes) and no lone surrogates (not
 * representable in UTF-8).
 */
export function line({ min = 1, max }: { readonly min?: number; readonly max: number }) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine((text) => text.isWellFormed() && !CONTROL.test(text), 'must be one line without control characters')
}

/** An id in a path or a body. Every id of ours is a UUID in lower-case canonical form. */
export const id = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID in lower case')
  .meta({ format: 'uuid', examples: ['0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47'] })

const FIRST = Date.parse('0001-01-01T00:00:00Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/** A moment: ISO 8601 with a zone, in UTC on the way out; of the years 1 to 9999, which PostgreSQL can hold too. */
export const moment = z.iso
  .datetime({ offset: true })
  .refine((text) => !(Date.parse(text) < FIRST || Date.parse(text) > LAST), 'must be in the years 0001 to 9999, in UTC')
  .meta({ examples: ['2026-11-03T09:30:00.000Z'] })

/** A whole number in a query string; decimal digits only, so that no other spelling means the same. */
export function queryInteger({ min, max }: { readonly min: number; readonly max: number }) {
  return z.preprocess(
    (text) => (typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : text),
    z.int(`must be a whole number from ${min} to ${max}`).min(min).max(max),
  )
}

/** `true` or `false` in a query string. */
export const queryBoolean = z.preprocess(
  (text) => (text === 'true' ? true : text === 'false' ? false : text),
  z.boolean('must be true or false'),
)

/** One value, or several separated by commas; repeated parameters count too. */
export function queryList<T extends z.ZodType<string>>(item: T, { max = 50 }: { readonly max?: number } = {}) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value.flatMap(commas) : value),
    z.array(item).min(1).max(max),
  )
}

const commas = (value: unknown): unknown[] => (typeof value === 'string' ? value.split(',') : [value])
