import type { Prisma, PrismaClient } from '@portolan/db/client.ts'
import { canonicalCidr } from '../http/network.ts'
import type { Scope } from './schema.ts'

type Row = NonNullable<Awaited<ReturnType<PrismaClient['scope']['findFirst']>>>
type Reader = PrismaClient | Prisma.TransactionClient

export async function findScope(db: Reader, projectId: string, id: string): Promise<Scope | null> {
  const row = await db.scope.findFirst({ where: { id, projectId } })
  return row ? viewOf(row) : null
}

/** Oldest first. */
export async function listScopes(
  db: Reader,
  projectId: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Scope[]> {
  const where = { projectId, ...(after !== null && { id: { gt: after } }) }
  const rows = await db.scope.findMany({ where, orderBy: { id: 'asc' }, take: limit })
  return rows.map(viewOf)
}

export function viewOf(row: Row): Scope {
  return {
    id: row.id,
    cidr: canonicalCidr(row.cidr),
    namesSpecial: row.namesSpecial,
    owner: row.owner,
    reason: row.reason,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
  }
}
