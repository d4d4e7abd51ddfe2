/**
 * Runs what is due. Everything is decided under the lock of the schedule's row and written together with the scan, so a
 * job delivered twice, or to two processes, starts one scan; and whatever happens, the run is there with its reason.
 */
import { transaction } from '@portolan/db/transaction.ts'
import type { PoolClient } from 'pg'
import type { Caller } from '../http/caller.ts'
import { Problem } from '../http/problem.ts'
import { callerOfKey } from '../keys/queries.ts'
import type { Parts } from '../parts.ts'
import { ScanRequest } from '../scans/schema.ts'
import { startScan } from '../scans/start-scan.ts'
import { runsAfter, type Timing } from './run-times.ts'
import { windowsOf } from './schema.ts'

/** Begun later than this, in milliseconds, a run was missed: the service was down when it was due. */
const MISSED = 60_000
/** Missed runs are counted up to here. */
const MOST_COUNTED = 1_000

type Row = {
  readonly id: string
  readonly projectId: string
  readonly keyId: string | null
  readonly name: string
  readonly request: unknown
  readonly cron: string | null
  readonly timeZone: string
  readonly everySeconds: number | null
  readonly jitterSeconds: number
  readonly overlap: 'skip' | 'queue'
  readonly missed: 'run-once' | 'skip'
  readonly nextRunAt: Date | null
  readonly createdAt: Date
  readonly revision: number
  /** When the run was due that waits for the one before. */
  readonly waiting: Date | null
  readonly busy: string | null
}

const timingOf = (row: Row): Timing => ({ ...row, windows: windowsOf(row.request) })

const UNFINISHED = `('queued', 'planning', 'running', 'paused', 'finishing')`

const READ = `
  SELECT d.id, d.project_id AS "projectId", d.key_id AS "keyId", d.name, d.request, d.cron, d.time_zone AS "timeZone",
    d.every_seconds AS "everySeconds", d.jitter_seconds AS "jitterSeconds", d.overlap, d.missed,
    d.next_run_at AS "nextRunAt", d.created_at AS "createdAt", d.revision,
    (SELECT due_at FROM schedule_runs w WHERE w.schedule_id = d.id AND w.outcome = 'waiting' LIMIT 1) AS waiting,
    (SELECT s.id FROM scans s WHERE s.schedule_id = d.id AND s.status IN ${UNFINISHED} LIMIT 1) AS busy
  FROM schedules d WHERE d.id = $1 AND NOT d.paused`

/** What is to be done now, and why. */
type Decision =
  | { readonly what: 'start' | 'wait' | 'skip'; readonly due: Date; readonly reason: string | null }
  | { readonly what: 'nothing' }

function decide(row: Row, now: Date): Decision {
  const due = row.nextRunAt
  if (due === null || due > now) {
    if (row.waiting === null || row.busy !== null) return { what: 'nothing' }
    return { what: 'start', due: row.waiting, reason: 'waited for the run before' }
  }
  const late = now.getTime() - due.getTime() > MISSED
  const count = late ? missedUntil(row, due, now) : 1
  const many = count === 1 ? '' : `, as were ${count - 1} runs after it`
  if (late && row.missed === 'skip')
    return { what: 'skip', due, reason: `missed: the service did not run when it was due${many}` }
  const reason = late ? `late: the service did not run when it was due${many}` : null
  if (row.busy === null) return { what: 'start', due, reason }
  if (row.overlap === 'skip') return { what: 'skip', due, reason: `the run before still goes on: scan ${row.busy}` }
  if (row.waiting !== null) return { what: 'skip', due, reason: 'a run waits already for the one before' }
  return { what: 'wait', due, reason: `waits for the run before: scan ${row.busy}` }
}

function missedUntil(row: Row, due: Date, now: Date): number {
  return runsAfter(timingOf(row), due, MOST_COUNTED).filter(({ at }) => at <= now).length + 1
}

/** Somebody else has taken the run, or changed the schedule, since it was looked at. */
class Outrun extends Error {}

/** One run, if one is due. Throws what should be tried again. */
export async function runSchedule(parts: Parts, id: string): Promise<void> {
  const row = await find(parts, id)
  if (row === null) return
  const decision = decide(row, parts.now())
  if (decision.what === 'nothing') return
  try {
    if (decision.what === 'start') await start(parts, row, decision)
    else
      await transaction(parts.db.pool, (client) => record(client, row, { ...decision, scanId: null, now: parts.now() }))
  } catch (error) {
    if (!(error instanceof Outrun)) throw error
  }
}

async function find(parts: Parts, id: string): Promise<Row | null> {
  return (await parts.db.pool.query<Row>(READ, [id])).rows[0] ?? null
}

type Made = { readonly due: Date; readonly reason: string | null }

async function start(parts: Parts, row: Row, { due, reason }: Made): Promise<void> {
  const skip = (why: string) =>
    transaction(parts.db.pool, (client) =>
      record(client, row, { what: 'skip', due, reason: why, scanId: null, now: parts.now() }),
    )
  try {
    const caller = await callerFor(parts, row)
    const request = ScanRequest.parse(row.request)
    await startScan({ parts, caller, claim: null, origin: [`schedule ${row.name}`, null, null] }, request, {
      scheduleId: row.id,
      together: (client, scanId) => record(client, row, { what: 'start', due, reason, scanId, now: parts.now() }),
    })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    await skip(error.message)
  }
}

/** Throws a Problem when the schedule may act for nobody. */
async function callerFor({ db, now }: Parts, { keyId }: Row): Promise<Caller> {
  const key = keyId === null ? null : await callerOfKey(db.pool, keyId)
  const cure = 'save the schedule with another key'
  if (key === null || key.revokedAt !== null)
    throw new Problem('forbidden', `the key that made this schedule was revoked; ${cure}`)
  if (key.expiresAt !== null && key.expiresAt <= now())
    throw new Problem('forbidden', `the key that made this schedule has expired; ${cure}`)
  return key.caller
}

const OUTCOMES = { start: 'started', wait: 'waiting', skip: 'skipped' } as const

type Outcome = Made & {
  readonly what: keyof typeof OUTCOMES
  readonly scanId: string | null
  readonly now: Date
}

/** Writes the run, and when the next one is. Throws Outrun when the schedule is not what it was. */
async function record(client: PoolClient, row: Row, { what, due, reason, scanId, now }: Outcome): Promise<void> {
  const { rows } = await client.query<{ next_run_at: Date | null; revision: number; paused: boolean }>(
    'SELECT next_run_at, revision, paused FROM schedules WHERE id = $1 FOR UPDATE',
    [row.id],
  )
  const [current] = rows
  if (!current || current.paused || current.revision !== row.revision) throw new Outrun()
  if (current.next_run_at?.getTime() !== row.nextRunAt?.getTime()) throw new Outrun()
  if (what === 'start' && (await isBusy(client, row.id))) throw new Outrun()
  const fromWaiting = row.waiting?.getTime() === due.getTime()
  const { rowCount } = await client.query(
    `INSERT INTO schedule_runs AS r (schedule_id, due_at, outcome, reason, scan_id) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (schedule_id, due_at) DO UPDATE SET outcome = EXCLUDED.outcome, reason = EXCLUDED.reason,
       scan_id = EXCLUDED.scan_id WHERE r.outcome = 'waiting'`,
    [row.id, due, OUTCOMES[what], reason, scanId],
  )
  if (rowCount === 0) throw new Outrun()
  if (fromWaiting) return
  const [next] = runsAfter(timingOf(row), now, 1)
  await client.query('UPDATE schedules SET next_run_at = $2 WHERE id = $1', [row.id, next?.at ?? null])
}

async function isBusy(client: PoolClient, id: string): Promise<boolean> {
  const { rows } = await client.query(`SELECT FROM scans WHERE schedule_id = $1 AND status IN ${UNFINISHED} LIMIT 1`, [
    id,
  ])
  return rows.length > 0
}
