import { monthsOlderThan, type OldMonth, REDUNDANT, scansToThin } from '@portolan/db/retention.ts'
import type { Pool } from 'pg'
import type { RetentionPlan, RetentionSettings } from './schema.ts'

/** What a pass with these settings would remove now. Removes nothing. */
export async function planRetention(pool: Pool, settings: RetentionSettings, now: Date): Promise<RetentionPlan> {
  const old = await monthsOlderThan(pool, settings.dropAfterDays, now)
  const drop = await Promise.all(
    old.map(async (month) => ({
      month: month.month,
      scans: await scansIn(pool, month),
      observations: await rowsOf(pool, month),
    })),
  )
  const thin = []
  for (const month of await monthsOlderThan(pool, settings.thinAfterDays, now)) {
    if (old.some(({ table }) => table === month.table)) continue
    const scans = await scansToThin(pool, month)
    if (scans.length > 0)
      thin.push({ month: month.month, scans: scans.length, observations: await redundant(pool, scans) })
  }
  return { settings, drop, thin }
}

async function scansIn(pool: Pool, { from, to }: OldMonth): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM scans WHERE id >= $1 AND id < $2',
    [from, to],
  )
  return rows[0]?.count ?? 0
}

/** A small table is not worth an estimate, and has none before PostgreSQL has looked at it. */
const COUNTED = 100_000

async function rowsOf(pool: Pool, { table, rows: estimate }: OldMonth): Promise<number> {
  if (estimate >= COUNTED) return estimate
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM "${table}"`)
  return rows[0]?.count ?? 0
}

async function redundant(pool: Pool, scans: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count ${REDUNDANT}`, [scans])
  return rows[0]?.count ?? 0
}
