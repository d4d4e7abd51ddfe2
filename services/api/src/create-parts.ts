import { randomBytes } from 'node:crypto'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import type { Pool } from 'pg'
import { createChecker } from './check/check-endpoint.ts'
import { createAuthenticator } from './http/authenticate.ts'
import { createCursors } from './http/cursor.ts'
import { createIdempotency } from './http/idempotency.ts'
import { createRates } from './http/rates.ts'
import { createStreams } from './http/streams.ts'
import { createJobFeed } from './job-feed.ts'
import { keyStore } from './keys/queries.ts'
import { createScopes } from './load-scope.ts'
import { createMetrics } from './metrics.ts'
import type { Parts } from './parts.ts'
import { createScanStore } from './scans/scan-store.ts'
import { createMannedVantages } from './workers/manned-vantages.ts'

/** What is opened or decided outside. */
export type PartsInput = Pick<
  Parts,
  'db' | 'queues' | 'log' | 'now' | 'resolve' | 'limits' | 'dashboard' | 'tracing'
> & {
  /** Where this installation's database and queue run, loopback left out. */
  readonly ownAddresses: readonly string[]
  readonly rateLimit: number
  readonly streams: number
}

/** Puts the parts together; the database must be migrated. */
export async function createParts({ rateLimit, streams, ownAddresses, ...given }: PartsInput): Promise<Parts> {
  const { db, queues, log, now } = given
  const onError = (err: Error) => log.warn({ err }, 'use of a key not noted')
  return {
    ...given,
    jobs: createJobFeed(queues, log),
    book: PORT_BOOK,
    keys: createAuthenticator(keyStore(db.pool, onError), now),
    cursors: createCursors(await cursorSecret(db.pool)),
    idempotency: createIdempotency(db.pool),
    rates: createRates(db.pool, rateLimit),
    streams: createStreams(streams),
    scans: createScanStore(db.pool, now),
    scopes: createScopes(db.pool, ownAddresses, now),
    vantages: createMannedVantages(db.pool, now),
    metrics: createMetrics(),
    checker: createChecker(),
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
