/** The API of the service this page came from, through the typed client; the session cookie says who asks. */
import { ApiFailure } from '@portolan/client/api-failure.ts'
import { createClient, type Schemas, take } from '@portolan/client/client.ts'
import { QueryClient } from '@tanstack/react-query'

export type { Schemas }
export { take }

export const api = createClient({ url: '' })

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the service has refused it will refuse again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiFailure && (error.status ?? 500) < 500),
    },
  },
})

export const isSignedOut = (error: unknown) => error instanceof ApiFailure && error.status === 401

/** What went wrong and what to do about it, in the service's own words where it has some. */
export function wordsOf(error: unknown): { readonly what: string; readonly advice: string } {
  if (!(error instanceof ApiFailure))
    return { what: 'Something here broke', advice: error instanceof Error ? error.message : String(error) }
  if (error.problem) return { what: error.problem.detail, advice: error.problem.advice }
  if (error.status === null)
    return { what: 'The service does not answer', advice: 'Check that it runs and that you can reach it, then retry.' }
  return { what: `The service answered ${error.status}`, advice: 'Its log says more.' }
}

/** The message for one field of a form, if the service found fault with it: `#/targets/0` is about `targets`. */
export function faultOf(error: unknown, field: string): string | null {
  const errors = error instanceof ApiFailure ? (error.problem?.errors ?? []) : []
  const found = errors.find(({ pointer }) => pointer === `#/${field}` || pointer.startsWith(`#/${field}/`))
  return found?.detail ?? null
}

/** Everything the service found wrong inside one field: `rules/0/ports: must be …`, a line each; null when nothing is. */
export function faultsWithin(error: unknown, field: string): string | null {
  const errors = error instanceof ApiFailure ? (error.problem?.errors ?? []) : []
  const start = `#/${field}/`
  const found = errors.filter(({ pointer }) => pointer.startsWith(start))
  return found.map(({ pointer, detail }) => `${pointer.slice(start.length)}: ${detail}`).join('\n') || null
}
