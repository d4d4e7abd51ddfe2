import type { Scan } from './load-scan.ts'
import type { Parts } from './parts.ts'

/** Remembers that a host opens whatever it is asked. True whoever finds it out, and as often as it is: no epoch is needed. */
export async function storeTarpit({ db, self }: Pick<Parts, 'db' | 'self'>, scan: Scan, ip: string): Promise<void> {
  await db.query(
    `INSERT INTO tarpits (scan_id, vantage, ip, project_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (scan_id, vantage, ip) DO NOTHING`,
    [scan.id, self.vantage, ip, scan.projectId],
  )
}
