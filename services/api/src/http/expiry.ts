import { Problem } from './problem.ts'

/** When something new ends, null for never. Throws a `validation` problem when that is over already. */
export function endOf(expiresAt: string | null, now: Date): Date | null {
  if (expiresAt === null) return null
  const end = new Date(expiresAt)
  if (end > now) return end
  const detail = 'must be in the future, or null for no end'
  throw new Problem('validation', `expiresAt: ${detail}`, {
    errors: [{ in: 'body', pointer: '#/expiresAt', detail }],
  })
}
