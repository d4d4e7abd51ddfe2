import { lookup } from 'node:dns/promises'
import { parseAddress } from '@portolan/core/target/address.ts'
import { formatSpan } from '@portolan/core/target/address-set.ts'
import { checkScope, type Scope } from '@portolan/core/target/guard.ts'
import type { Scan } from './load-scan.ts'
import type { Parts } from './parts.ts'

type Row = { readonly cidr: string; readonly expires: number | null; readonly reason: string; readonly allow: boolean }

/**
 * Why this scan must not run here now, in words; null when it may. The API has checked the same before it accepted the
 * scan, but the scope may have changed since, and a job may come from anybody who reaches the queue.
 */
export async function refusalOf(parts: Parts, scan: Scan): Promise<string | null> {
  const [refused, ...more] = checkScope(scan.addresses, await scopeOf(parts, scan.projectId), Date.now()).refused
  if (refused === undefined) return null
  const [span, ...others] = refused.addresses.spans
  const where = span === undefined ? 'an address' : formatSpan(span)
  return `${where}${others.length + more.length > 0 ? ' and others' : ''}: ${refused.reason}, ${refused.detail}`
}

async function scopeOf({ db, controlPlane }: Parts, projectId: string): Promise<Scope> {
  const { rows } = await db.query<Row>({
    name: 'scope-of-project',
    text: `SELECT cidr::text, (extract(epoch FROM expires_at) * 1000)::float8 AS expires, reason, true AS allow
        FROM scopes WHERE project_id = $1
      UNION ALL SELECT cidr::text, NULL, reason, false FROM do_not_scan`,
    values: [projectId],
  })
  const allow = rows.flatMap((row) => (row.allow ? [{ cidr: row.cidr, expiresAt: row.expires }] : []))
  const named = new Set(allow.map(({ cidr }) => cidr))
  const guarded = controlPlane
    .map((address) => `${address}/${address.includes(':') ? 128 : 32}`)
    .filter((cidr) => !named.has(cidr))
    .map((cidr) => ({ cidr, reason: 'this installation itself runs there' }))
  return { allow, deny: [...rows.filter((row) => !row.allow), ...guarded] }
}

/** Where database and queue run: refused unless an entry names exactly that address. Loopback is left out: a machine may scan itself. */
export async function controlPlaneOf(urls: readonly string[]): Promise<readonly string[]> {
  const hosts = new Set(urls.map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')).filter((host) => host))
  const found = await Promise.all(Array.from(hosts, (host) => lookup(host, { all: true }).catch(() => [])))
  const addresses = found.flat().map(({ address }) => address)
  return addresses.filter((address) => parseAddress(address).ok && !/^(127\.|::1$)/.test(address))
}
