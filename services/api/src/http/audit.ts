/** Who did what, from where: one entry per write, in the transaction of the write. */
import type { Prisma } from '@portolan/db/client.ts'
import type { Request } from 'express'
import type { Pool, PoolClient } from 'pg'
import type { Call } from './operation.ts'

type AnyCall = Call<unknown, unknown, unknown>

export interface AuditEntry {
  /** `scope.create`, `key.revoke`, ... */
  readonly action: string
  readonly targetType: string
  readonly targetId: string
  /** Representations, without secrets; left out where there is none. */
  readonly before?: object
  readonly after?: object
}

/** Actor, address and request id, in the order of the columns. */
export function originOf({ caller, request, requestId }: AnyCall): [string, string | null, string] {
  return [caller.keyName ?? 'anonymous', clientAddress(request), requestId]
}

/** Who is at the other end, or behind the trusted proxies. A socket that listens on :: tells IPv4 clients as v4-mapped. */
export function clientAddress({ ip }: Pick<Request, 'ip'>): string | null {
  return ip?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? null
}

const INSERT = `INSERT INTO audit_entries
    (project_id, key_id, actor, address, request_id, action, target_type, target_id, before, after)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

const json = (image: object | undefined) => (image === undefined ? null : JSON.stringify(image))

/** For writes that are made without Prisma. */
export async function auditSql(
  client: Pool | PoolClient,
  call: AnyCall,
  { action, targetType, targetId, before, after }: AuditEntry,
): Promise<void> {
  const { projectId, keyId } = call.caller
  const what = [action, targetType, targetId, json(before), json(after)]
  await client.query(INSERT, [projectId, keyId, ...originOf(call), ...what])
}

export async function audit(
  tx: Prisma.TransactionClient,
  call: AnyCall,
  { action, targetType, targetId, before, after }: AuditEntry,
): Promise<void> {
  const { projectId, keyId } = call.caller
  const [actor, address, requestId] = originOf(call)
  const images = { ...(before && { before: { ...before } }), ...(after && { after: { ...after } }) }
  await tx.auditEntry.create({
    data: { projectId, keyId, actor, address, requestId, action, targetType, targetId, ...images },
  })
}
