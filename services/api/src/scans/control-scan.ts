/** Cancel, pause, resume: the wish is written down, and whoever runs the scan hears of it at once. */
import { settleScans } from '@portolan/db/settle-scans.ts'
import { transaction } from '@portolan/db/transaction.ts'
import { auditSql } from '../http/audit.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { ENDED, type Scan } from './schema.ts'

export type Wish = 'run' | 'pause' | 'cancel'

const VERBS: Readonly<Record<Wish, string>> = { run: 'resume', pause: 'pause', cancel: 'cancel' }

/** What was wanted before; no row where that is the same, or final. */
const WISH = `UPDATE scans SET wanted = $3 FROM (SELECT id, wanted FROM scans WHERE id = $1 AND project_id = $2 FOR UPDATE) AS had
  WHERE scans.id = had.id AND had.wanted NOT IN ($3, 'cancel') RETURNING had.wanted`

/** Idempotent: asking again changes nothing. Throws `conflict` when the scan has ended in another way. */
export async function controlScan(call: Call<{ id: string }, unknown, unknown>, wish: Wish): Promise<Scan> {
  const { parts, caller, params } = call
  const find = async () => {
    const scan = await parts.scans.find(caller.projectId, params.id)
    if (scan === null) throw new Problem('not-found', `there is no scan ${params.id}`)
    return scan
  }
  const before = await find()
  if (ENDED.includes(before.status)) {
    if (wish === 'cancel' && before.status === 'cancelled') return before
    throw new Problem('conflict', `the scan is ${before.status}; it is too late to ${VERBS[wish]} it`)
  }
  // Without Prisma: its first transaction in a process takes half a second, of the one a wish may take to arrive.
  await transaction(parts.db.pool, async (client) => {
    const { rows } = await client.query<{ wanted: Wish }>(WISH, [params.id, caller.projectId, wish])
    const [had] = rows
    if (had === undefined) return // asked for before, or already being cancelled
    const target = { targetType: 'scan', targetId: params.id }
    await auditSql(client, call, { action: `scan.${VERBS[wish]}`, ...target, before: had, after: { wanted: wish } })
  })
  // Where nothing runs that would have to stop first, nobody has to be waited for.
  await settleScans(parts.db.pool, params.id)
  return find()
}
