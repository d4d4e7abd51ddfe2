import type { PrismaClient } from '@portolan/db/client.ts'
import { canonicalCidr } from '../http/network.ts'
import type { DoNotScan } from './schema.ts'

type Row = NonNullable<Awaited<ReturnType<PrismaClient['doNotScan']['findFirst']>>>

/** Oldest first. The list is the installation's, not a project's. */
export async function listDoNotScan(
  prisma: PrismaClient,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<DoNotScan[]> {
  const where = after === null ? {} : { id: { gt: after } }
  const rows = await prisma.doNotScan.findMany({ where, orderBy: { id: 'asc' }, take: limit })
  return rows.map(viewOf)
}

export function viewOf(row: Row): DoNotScan {
  return { id: row.id, cidr: canonicalCidr(row.cidr), reason: row.reason, createdAt: row.createdAt.toISOString() }
}
