/**
 * The API, typed from its published contract. Runs in Node and in browsers.
 *
 *     const client = createClient({ url: 'http://127.0.0.1:7070', key })
 *     const scan = await take(client.POST('/v1/scans', { body: { targets: ['127.0.0.1'] } }))
 */
import open, { type Client } from 'openapi-fetch'
import { ApiFailure, problemOf } from './api-failure.ts'
import type { components, paths } from './schema.d.ts'

/** JSON wherever an operation has several formats; the others are asked for with `parseAs`. */
export type ApiClient = Client<paths, 'application/json'>

/** What the API takes and answers, by the names of the contract: `Schemas['Scan']`. */
export type Schemas = components['schemas']

export interface ClientOptions {
  /** Of the service; '' is the one the page came from. */
  readonly url: string
  /** Unset: whoever is signed in (POST /v1/session), which only pages of the service itself can be. */
  readonly key?: string
  /** Stands in for the global one. */
  readonly fetch?: (request: Request) => Promise<Response>
}

/** Every call rejects with ApiFailure: when nobody answers, and when the answer is not a good one. */
export function createClient({ url, key, fetch }: ClientOptions): ApiClient {
  const client: ApiClient = open<paths, 'application/json'>({
    baseUrl: url,
    // A key is for the service it was given for, not for wherever that sends us.
    redirect: 'error',
    // Lists in a query are one field with commas.
    querySerializer: { array: { style: 'form', explode: false } },
    ...(key !== undefined && { headers: { Authorization: `Bearer ${key}` } }),
    ...(fetch && { fetch }),
  })
  const at = url === '' ? 'the service' : url
  client.use({
    onError: ({ error }) => ApiFailure.unreachable(at, error),
    async onResponse({ response }) {
      if (!response.ok) throw ApiFailure.answered(at, response.status, await problemOf(response))
    },
  })
  return client
}

/** The body of an answer, which is a good one: the others have rejected. */
export async function take<T>(asked: Promise<{ readonly data?: T }>): Promise<T> {
  const { data } = await asked
  // because only an answer without a body has no data, and its T is undefined
  return data as T
}
