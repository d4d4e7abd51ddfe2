import { needsControls } from '@portolan/core/engine/all-ports-open.ts'
import type { ProbeSpace } from '@portolan/core/target/probe-space.ts'
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

/** Those of `ips` that have conspicuously many open ports in all shards together, and are not known as tarpits yet. */
export async function conspicuousHosts(
  { db, self }: Pick<Parts, 'db' | 'self'>,
  { scan, space }: { readonly scan: Scan; readonly space: ProbeSpace },
  ips: readonly string[],
): Promise<readonly string[]> {
  if (!needsControls({ asked: space.ports, open: space.ports })) return []
  const { rows } = await db.query<{ ip: string; open: number }>(
    `SELECT host(ip) AS ip, count(*)::int AS open FROM observations o
     WHERE scan_id = $1 AND vantage = $2 AND transport = 'tcp' AND state = 'open' AND ip = ANY ($3::inet[])
       AND NOT EXISTS (SELECT FROM tarpits t WHERE t.scan_id = o.scan_id AND t.vantage = o.vantage AND t.ip = o.ip)
     GROUP BY ip`,
    [scan.id, self.vantage, ips],
  )
  return rows.filter(({ open }) => needsControls({ asked: space.ports, open })).map(({ ip }) => ip)
}
