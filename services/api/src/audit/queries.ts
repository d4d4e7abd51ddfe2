import type { PrismaClient } from '@portolan/db/client.ts'
import type { AuditEntry } from './schema.ts'

export interface AuditFilter {
  readonly action?: string | undefined
  readonly targetId?: string | undefined
  readonly keyId?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listAudit(prisma: PrismaClient, projectId: string, filter: AuditFilter): Promise<AuditEntry[]> {
  const { action, targetId, keyId, since, until, before, limit } = filter
  const at = {
    ...(since !== undefined && { gte: new Date(since) }),
    ...(until !== undefined && { lt: new Date(until) }),
  }
  const rows = await prisma.auditEntry.findMany({
    where: {
      projectId,
      ...(action !== undefined && { action }),
      ...(targetId !== undefined && { targetId }),
      ...(keyId !== undefined && { keyId }),
      ...(Object.keys(at).length > 0 && { at }),
      ...(before !== null && { id: { lt: before } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
  })
  return rows.map(({ projectId: _, at, before, after, ...row }) => ({
    ...row,
    at: at.toISOString(),
    before: before ?? null,
    after: after ?? null,
  }))
}
