/** This worker's row in `workers`: who stands where, able to do what, and when it was last alive. */
import { networkInterfaces } from 'node:os'
import { maySendRaw } from '@portolan/core/engine/select-engine.ts'
import { JOB_VERSION } from '@portolan/core/jobs.ts'
import type pg from 'pg'
import type { Self } from './parts.ts'

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

export async function heartbeat(db: pg.Pool, self: Self, load: Readonly<Record<string, number>>): Promise<void> {
  await db.query('UPDATE workers SET heartbeat_at = now(), load = $2 WHERE id = $1', [self.id, JSON.stringify(load)])
}

export async function unregister(db: pg.Pool, self: Self): Promise<void> {
  await db.query('DELETE FROM workers WHERE id = $1', [self.id])
}
