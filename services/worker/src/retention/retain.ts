/** Drops and thins the observations of months that have become old. Nobody who writes waits for it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { loadRetention, monthsOlderThan, type OldMonth, REDUNDANT, scansToThin } from '@portolan/db/retention.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import type { Logger } from 'pino'

/** Any number: the lock that lets one worker at a time do this. */
const LOCK = 72_707_371

/** One pass. Does nothing while another worker is at it; what is not done is done by the next one. */
export async function retain({ db, log }: { readonly db: pg.Pool; readonly log: Logger }, now: Date): Promise<void> {
  const client = await db.connect()
  try {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [LOCK])
    if (!rows[0]?.mine) return
    try {
      const { thinAfterDays, dropAfterDays } = await loadRetention(client)
      for (const month of await monthsOlderThan(client, dropAfterDays, now)) await drop(db, month, log)
      for (const month of await monthsOlderThan(client, thinAfterDays, now)) await thin(db, month, log)
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK])
    }
  } finally {
    client.release()
  }
}

/**
 * Dropping a partition needs the whole table to itself for a moment, and whoever comes while it waits for that queues
 * up behind it: so it waits no longer than a blink, and tries again.
 */
const BLINK = 50
const TRIES = 200
const LOCK_NOT_AVAILABLE = '55P03'

async function drop(db: pg.Pool, { table, month, from, to }: OldMonth, log: Logger): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await transaction(db, async (client) => {
        await client.query(`SET LOCAL lock_timeout = ${BLINK}`)
        await client.query(`DROP TABLE ${client.escapeIdentifier(table)}`)
        await client.query(`UPDATE scans SET results = 'dropped' WHERE id >= $1 AND id < $2`, [from, to])
      })
      return log.info({ month }, 'observations dropped')
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE
      if (!busy || tries === TRIES) throw error
      await sleep(BLINK * 10)
    }
  }
}

/** Scan by scan, so that what a pass has done is done. */
async function thin(db: pg.Pool, month: OldMonth, log: Logger): Promise<void> {
  let removed = 0
  for (const id of await scansToThin(db, month)) {
    removed += await transaction(db, async (client) => {
      const { rowCount } = await client.query(
        `DELETE FROM observations d USING (SELECT o.scan_id, o.ip, o.port, o.transport, o.vantage ${REDUNDANT}) o
         WHERE (d.scan_id, d.ip, d.port, d.transport, d.vantage) = (o.scan_id, o.ip, o.port, o.transport, o.vantage)`,
        [[id]],
      )
      await client.query(`UPDATE scans SET results = 'thinned' WHERE id = $1`, [id])
      return rowCount ?? 0
    })
  }
  if (removed > 0) log.info({ month: month.month, removed }, 'observations thinned')
}
