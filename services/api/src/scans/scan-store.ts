/** The two busiest statements of the API, shared by the requests that need them at the same time. */
import type { Pool } from 'pg'
import { createBatcher } from '../batch.ts'
import { overtaken } from '../http/idempotency.ts'
import { findScans, viewOf } from './queries.ts'
import type { Scan } from './schema.ts'
import { type NewScanRow, writeScans } from './write-scans.ts'

export interface ScanStore {
  /** Null when the project has no such scan. The look at the tables begins after the call. */
  find(projectId: string, id: string): Promise<Scan | null>
  /** Resolves when the scan is durable. Throws when its claim went to another request. */
  write(scan: NewScanRow): Promise<void>
}

export function createScanStore(pool: Pool, now: () => Date): ScanStore {
  const find = createBatcher((wanted: Parameters<typeof findScans>[1]) => findScans(pool, wanted))
  const write = createBatcher(async (scans: readonly NewScanRow[]) => {
    const written = await writeScans(pool, scans)
    return scans.map(({ id }) => written.has(id))
  })
  return {
    async write(scan) {
      if (!(await write(scan))) throw overtaken()
    },
    async find(projectId, id) {
      const row = await find({ projectId, id })
      return row && viewOf(row, now())
    },
  }
}
