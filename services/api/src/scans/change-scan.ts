import { audit } from '../http/audit.ts'
import { requireMatch } from '../http/etag.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { type ChangeScan, ENDED, type Scan } from './schema.ts'

/** Writes down other rates; a trigger tells the workers. Throws `conflict` when the scan has ended. */
export async function changeScan(call: Call<{ id: string }, unknown, ChangeScan>): Promise<Scan> {
  const { parts, caller, params, body } = call
  const find = async () => {
    const scan = await parts.scans.find(caller.projectId, params.id)
    if (scan === null) throw new Problem('not-found', `there is no scan ${params.id}`)
    return scan
  }
  const before = await find()
  requireMatch(call.request, before)
  if (ENDED.includes(before.status)) throw new Problem('conflict', `the scan is ${before.status}; its rate is history`)
  const rates = {
    ...(body.rate !== undefined && { rate: body.rate }),
    ...(body.perHostRate !== undefined && { perHostRate: body.perHostRate, atOnce: body.perHostRate }),
  }
  await parts.db.prisma.$transaction(async (tx) => {
    const { rate, perHostRate } = before
    const { count } = await tx.scan.updateMany({
      where: { id: params.id, projectId: caller.projectId, rate, perHostRate },
      data: rates,
    })
    if (count === 0) throw new Problem('conflict', 'somebody else changed the rates in the meantime')
    const target = { targetType: 'scan', targetId: params.id }
    await audit(tx, call, {
      action: 'scan.change',
      ...target,
      before: { rate, perHostRate },
      after: { rate, perHostRate, ...body },
    })
  })
  return find()
}
