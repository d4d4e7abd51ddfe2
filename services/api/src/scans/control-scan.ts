/** Cancel, pause, resume: the wish is written down, and whoever runs the scan hears of it at once. */
import { settleScans } from '@portolan/db/settle-scans.ts'
import { audit } from '../http/audit.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { ENDED, type Scan } from './schema.ts'

export type Wish = 'run' | 'pause' | 'cancel'

const VERBS: Readonly<Record<Wish, string>> = { run: 'resume', pause: 'pause', cancel: 'cancel' }

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
  await parts.db.prisma.$transaction(async (tx) => {
    const scan = { id: params.id, projectId: caller.projectId }
    const { wanted } = await tx.scan.findUniqueOrThrow({ where: { id: params.id }, select: { wanted: true } })
    const { count } = await tx.scan.updateMany({
      where: { ...scan, wanted: { notIn: [wish, 'cancel'] } },
      data: { wanted: wish },
    })
    if (count === 0) return // asked for before, or already being cancelled
    const target = { targetType: 'scan', targetId: params.id }
    await audit(tx, call, { action: `scan.${VERBS[wish]}`, ...target, before: { wanted }, after: { wanted: wish } })
  })
  // Where nothing runs that would have to stop first, nobody has to be waited for.
  await settleScans(parts.db.pool, params.id)
  return find()
}
