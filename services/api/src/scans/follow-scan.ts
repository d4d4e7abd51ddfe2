/**
 * A scan as it happens: progress, each open port, what runs there, the end. Everything is read from the tables, so any
 * API instance can serve any scan and a reconnecting client may land anywhere.
 *
 * `port` events come at least once: an event's id is the moment up to which ports had been read, and a client that
 * comes back gets what was seen from a little before that moment on. A port is told again when its service is known.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { ServerEvent } from '../http/sse.ts'
import type { Parts } from '../parts.ts'
import { allResults, type ResultFilter } from './results.ts'
import { ENDED, type Scan, type ScanEnd, type ScanMoment } from './schema.ts'

export interface FollowOptions {
  readonly projectId: string
  readonly scanId: string
  /** The Last-Event-ID of a client that was here before, in milliseconds since 1970. */
  readonly since: number | null
  readonly signal: AbortSignal
}

/** Milliseconds between two looks at the tables; more when looking takes long. */
const PERIOD = 500
/** Rows of workers whose clock or commit lags are read again after a reconnect. */
const OVERLAP = 60_000
/** Beyond so many open ports a live feed helps nobody; progress goes on, the results are for download. */
const MOST_PORTS = 50_000

const OPEN: ResultFilter = {
  states: ['open'],
  ports: null,
  transport: null,
  vantage: null,
  services: null,
  product: null,
  network: null,
  name: null,
}

const VERSION = 'SELECT max(updated_at) AS at FROM shards WHERE scan_id = $1'

export async function* followScan(
  { db, scans }: Pick<Parts, 'db' | 'scans'>,
  { projectId, scanId, since, signal }: FollowOptions,
): AsyncGenerator<ServerEvent> {
  const ports = portFeed(db.pool, scanId, since)
  let before = ''
  let version: number | null = -1
  while (!signal.aborted) {
    const started = performance.now()
    const scan = await scans.find(projectId, scanId)
    if (scan === null) return
    const ended = ENDED.includes(scan.status)
    const latest = await versionOf(db.pool, scanId)
    if (latest !== version || ended) yield* ports.news()
    version = latest
    const state = JSON.stringify([scan.status, scan.progress.probesDone, scan.progress.open])
    if (state !== before) yield { event: 'progress', data: momentOf(scan) }
    before = state
    if (ended) {
      yield { event: 'done', id: ports.position(), data: endOf(scan) }
      return
    }
    const pause = Math.max(PERIOD, 4 * (performance.now() - started))
    await sleep(pause, undefined, { signal }).catch(() => {})
  }
}

const momentOf = ({ status, progress }: Scan): ScanMoment => ({ status, ...progress })

const endOf = ({ id, status, statusReason, progress, summary }: Scan): ScanEnd => ({
  id,
  status,
  statusReason,
  progress,
  summary,
})

async function versionOf(pool: Pool, scanId: string): Promise<number | null> {
  const { rows } = await pool.query<{ at: Date | null }>({ name: 'shards-version', text: VERSION, values: [scanId] })
  return rows[0]?.at?.getTime() ?? null
}

function portFeed(pool: Pool, scanId: string, since: number | null) {
  /** What was told of each endpoint: a later look may know its service. */
  const told = new Map<string, string>()
  let position = since ?? 0
  return {
    position: () => String(position),
    async *news(): AsyncGenerator<ServerEvent> {
      for await (const batch of allResults(pool, scanId, OPEN))
        for (const result of batch) {
          const key = `${result.vantage} ${result.transport} ${result.ip} ${result.port}`
          const state = `${result.detection} ${result.service?.name}`
          const at = Date.parse(result.seenAt)
          const known = told.get(key) ?? (since !== null && at < since - OVERLAP ? state : undefined)
          if (told.size < MOST_PORTS) told.set(key, state)
          if (known === state || told.size >= MOST_PORTS) continue
          position = Math.max(position, at)
          yield { event: 'port', id: String(position), data: result }
        }
    },
  }
}
