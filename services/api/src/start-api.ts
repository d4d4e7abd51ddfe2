/** Opens what the API stands on, listens, and takes it all down again in the reverse order. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { createDb } from '@portolan/db/client.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import { ensureBootstrap } from './bootstrap.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { createCursors } from './http/cursor.ts'
import { createIdempotency } from './http/idempotency.ts'
import { listen, stopListening } from './http/listen.ts'
import { createRates } from './http/rates.ts'
import { createStreams } from './http/streams.ts'
import { createJobFeed } from './job-feed.ts'
import { keyStore } from './keys/queries.ts'
import { createMetrics } from './metrics.ts'
import { ownAddresses } from './own-addresses.ts'
import type { Parts } from './parts.ts'
import { resolveName } from './resolve-name.ts'

export interface ApiOptions {
  readonly databaseUrl: string
  /** Redis or PostgreSQL. */
  readonly queueUrl: string
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly log: Logger
  readonly now?: () => Date
  readonly resolve?: Parts['resolve']
  readonly bodyBytes?: number
  readonly trustProxy?: number
  /** Requests a minute for keys without a limit of their own. */
  readonly rateLimit?: number
  readonly streams?: number
  /** To PostgreSQL. */
  readonly connections?: number
  /** The first admin key of a new installation; unset: one is made. */
  readonly bootstrapKey?: string | undefined
}

export interface RunningApi {
  readonly url: string
  /** The first admin key, when this start made it: nobody can read it again. */
  readonly firstKey: string | null
  /** Takes no more requests, lets those in progress end, cuts streams, and lets go of everything. */
  stop(): Promise<void>
}

/** The database must be migrated. Throws when it cannot be reached, or when the port is taken. */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const parts = await assemble(options)
  const { token } = await ensureBootstrap(parts.db, { token: options.bootstrapKey })
  const server: Server = createServer({ maxHeaderSize: 16_384 }, createApp(parts))
  const close = async () => {
    await parts.jobs.close()
    await parts.queues.close()
    await parts.db.close()
  }
  try {
    const url = await listen(server, options)
    parts.log.info({ url, queue: parts.queues.backend }, 'API ready')
    return {
      url,
      firstKey: token,
      async stop() {
        parts.streams.cut()
        await stopListening(server)
        await close()
        parts.log.info('API stopped')
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(options: ApiOptions): Promise<Parts> {
  const { log, now = () => new Date(), resolve = resolveName, rateLimit = 6_000, streams = 200 } = options
  const { databaseUrl, queueUrl, connections = 10, bodyBytes = 1_048_576, trustProxy = 0 } = options
  const onError = (err: Error) => log.warn({ err }, 'connection trouble')
  const db = createDb(databaseUrl, { connections, onError })
  try {
    const [secret, own] = await Promise.all([cursorSecret(db.pool), ownAddresses([databaseUrl, queueUrl], resolve)])
    const queues = openQueues(queueUrl, { onError })
    await queues.migrate()
    return {
      db,
      queues,
      jobs: createJobFeed(queues, log),
      log,
      now,
      resolve,
      book: PORT_BOOK,
      keys: createAuthenticator(keyStore(db.pool, onError), now),
      cursors: createCursors(secret),
      idempotency: createIdempotency(db.pool),
      rates: createRates(rateLimit, now),
      streams: createStreams(streams),
      metrics: createMetrics(),
      limits: { bodyBytes, trustProxy },
      ownAddresses: own,
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

/** One for all API processes of an installation, made by whichever starts first. */
async function cursorSecret(pool: Pool): Promise<Uint8Array> {
  const { rows } = await pool.query<{ value: string }>(
    `WITH made AS (
       INSERT INTO settings (name, value) VALUES ('cursor-secret', to_jsonb($1::text)) ON CONFLICT DO NOTHING RETURNING value
     )
     SELECT value FROM made UNION ALL SELECT value FROM settings WHERE name = 'cursor-secret' LIMIT 1`,
    [randomBytes(32).toString('base64')],
  )
  const [row] = rows
  // Two processes starting at once: the loser's statement sees neither its own row nor, yet, the winner's.
  return row ? Buffer.from(row.value, 'base64') : cursorSecret(pool)
}
