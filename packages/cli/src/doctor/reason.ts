import { setTimeout as sleep } from 'node:timers/promises'
import { clean } from '@portolan/core/detect/text.ts'

/** Milliseconds a service may take to answer: somebody is waiting. */
export const PATIENCE = 5_000

export async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${PATIENCE / 1000} s`)
  })
  return Promise.race([work, late])
}

/** The innermost cause, which is what can be mended. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return clean(error.message || error.name)
}

/** Without name and password. */
export function placeOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : 'not a URL'
}
