/** An API as a user meets it: listening on a port, over a fresh database, with the first key in hand. */
import { type ApiOptions, startApi } from '@portolan/api/start-api.ts'
import { createDb } from '@portolan/db/client.ts'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type TestQueue, testDatabase } from '../support/test-services.ts'

export type Json = { readonly [key: string]: unknown }

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; empty when it is none. */
  readonly json: Json
}

export type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>

export interface TestApi {
  readonly url: string
  readonly key: string
  readonly databaseUrl: string
  /** With the first key; a header set to '' is left out. A string body is sent as it is. */
  readonly send: Send
  readonly as: (key: string) => Send
  readonly query: (sql: string, values?: unknown[]) => Promise<readonly Json[]>
  readonly stop: () => Promise<void>
}

/** Names tests may ask for; nobody is asked over the network. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'two.test': ['127.0.0.1', '::1'],
  'twice.test': ['127.0.0.1', '127.0.0.2'],
  'six.test': ['::1'],
  'www.shop.test': ['127.0.0.8', '127.0.0.9'],
  'api.shop.test': ['127.0.0.8'],
  'outside.test': ['127.0.0.1', '192.0.2.7'],
}

export async function openTestApi(options: Partial<ApiOptions> = {}, queue?: TestQueue): Promise<TestApi> {
  const databaseUrl = options.databaseUrl ?? (await testDatabase())
  const api = await startApi({
    databaseUrl,
    queueUrl: queue?.url ?? databaseUrl,
    host: '127.0.0.1',
    port: 0,
    log: pino({ level: 'silent' }),
    resolve: async (name) => NAMES[name] ?? [],
    rateLimit: 1_000_000,
    addresses: [],
    ...options,
  })
  const key = api.firstKey ?? ''
  const db = createDb(databaseUrl, { connections: 2 })
  const as = (token: string) => sender(api.url, token)
  let stopped: Promise<unknown> | undefined
  const stop = async () => {
    stopped ??= Promise.all([db.close(), api.stop()])
    await stopped
  }
  return {
    url: api.url,
    key,
    databaseUrl,
    send: as(key),
    as,
    query: async (sql, values) => (await db.pool.query<Json>(sql, values)).rows,
    stop,
  }
}

/** One for a single test, closed with it. */
export async function testApi(options: Partial<ApiOptions> = {}, queue?: TestQueue): Promise<TestApi> {
  const api = await openTestApi(options, queue)
  onTestFinished(api.stop)
  return api
}

export function sender(url: string, token: string): Send {
  return async (method, path, body, headers = {}) => {
    const sent = new Headers({
      Authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    })
    for (const [name, value] of Object.entries(headers)) if (value === '') sent.delete(name)
    const response = await fetch(`${url}${path}`, {
      method,
      headers: sent,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
