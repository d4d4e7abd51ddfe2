import type { PrismaClient } from '@portolan/db/client.ts'
import { IMPORT_FORMATS, type Import, ImportReport } from './schema.ts'

type Row = NonNullable<Awaited<ReturnType<PrismaClient['import']['findFirst']>>>

export async function findImport(prisma: PrismaClient, projectId: string, id: string): Promise<Import | null> {
  const row = await prisma.import.findFirst({ where: { id, projectId } })
  return row ? viewOf(row) : null
}

export async function findImportOf(
  prisma: PrismaClient,
  projectId: string,
  sha256: Uint8Array<ArrayBuffer>,
): Promise<Import | null> {
  const row = await prisma.import.findFirst({ where: { projectId, sha256 } })
  return row ? viewOf(row) : null
}

/** Newest first. */
export async function listImports(
  prisma: PrismaClient,
  projectId: string,
  { before, limit }: { readonly before: string | null; readonly limit: number },
): Promise<Import[]> {
  const where = { projectId, ...(before !== null && { id: { lt: before } }) }
  const rows = await prisma.import.findMany({ where, orderBy: { id: 'desc' }, take: limit })
  return rows.map(viewOf)
}

function viewOf(row: Row): Import {
  const report = ImportReport.safeParse(row.report)
  return {
    id: row.id,
    format: IMPORT_FORMATS.find((format) => format === row.format) ?? 'ndjson',
    sha256: Buffer.from(row.sha256).toString('hex'),
    scanId: row.scanId,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    report: report.success ? report.data : null,
  }
}
