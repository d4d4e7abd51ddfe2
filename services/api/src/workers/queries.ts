import type { PrismaClient } from '@portolan/db/client.ts'
import type { Worker } from './routes.ts'

/** Milliseconds; workers give a sign of life every few seconds. */
const SILENT_AFTER = 60_000

/** Enough for any cluster this is made for; those heard of last come first. */
const MOST_WORKERS = 1_000

export async function listWorkers(prisma: PrismaClient, now: Date): Promise<Worker[]> {
  const rows = await prisma.worker.findMany({ orderBy: [{ heartbeatAt: 'desc' }, { id: 'asc' }], take: MOST_WORKERS })
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    vantage: row.vantage,
    version: row.version,
    capabilities: recordOf(row.capabilities) ?? {},
    addresses: row.addresses,
    load: recordOf(row.load),
    startedAt: row.startedAt.toISOString(),
    heartbeatAt: row.heartbeatAt.toISOString(),
    alive: now.getTime() - row.heartbeatAt.getTime() < SILENT_AFTER,
  }))
}

function recordOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
}
