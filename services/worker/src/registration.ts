/** This worker's row in `workers`: who stands where, able to do what, and when it was last alive. */
import { networkInterfaces } from 'node:os'
import { maySendRaw } from '@portolan/core/engine/select-engine.ts'
import { JOB_VERSION } from '@portolan/core/jobs.ts'
import type pg from 'pg'
import { LIVE_LEASES } from './live-workers.ts'
import type { Parts, Self } from './parts.ts'

export type Capabilities = {
  readonly slots: number
  readonly engines: readonly string[]
  readonly ipv6: boolean
}

/** Of this machine, loopback left out: it is the same everywhere. */
export const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter((i) => !i.internal && !i.address.startsWith('fe80:')).map((i) => i.address),
  )

export const capabilitiesOf = (slots: number): Capabilities => ({
  slots,
  engines: maySendRaw() ? ['syn', 'connect', 'udp'] : ['connect', 'udp'],
  ipv6: Object.values(networkInterfaces()).some((list) => list?.some((i) => i.family === 'IPv6')),
})

export async function register(db: pg.Pool, self: Self, version: string, capabilities: Capabilities): Promise<void> {
  await db.query(
    `INSERT INTO workers (id, name, vantage, version, job_version, capabilities, addresses)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [self.id, self.name, self.vantage, version, JOB_VERSION, JSON.stringify(capabilities), self.addresses],
  )
}

/** How many workers are alive at all vantages, this one among them. */
export async function heartbeat(
  { db, self, lease }: Pick<Parts, 'db' | 'self' | 'lease'>,
  load: Readonly<Record<string, number>>,
): Promise<number> {
  const { rows } = await db.query<{ alive: number }>(
    `UPDATE workers SET heartbeat_at = now(), load = $2 WHERE id = $1
     RETURNING (SELECT count(*)::int FROM workers WHERE heartbeat_at > now() - $3 * interval '1 millisecond') AS alive`,
    [self.id, JSON.stringify(load), lease * LIVE_LEASES],
  )
  return rows[0]?.alive ?? 1
}

export async function unregister(db: pg.Pool, self: Self): Promise<void> {
  await db.query('DELETE FROM workers WHERE id = $1', [self.id])
}
