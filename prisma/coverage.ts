/** What a stored scan looked at: its pinned ranges and ports, as far as its shards got. */
import assert from 'node:assert/strict'
import { type Coverage, createCoverage, type Stretch } from '@portolan/core/exposure/coverage.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import { pointOf, setOf } from '@portolan/core/target/address-set.ts'
import type { PortRange } from '@portolan/core/target/port-set.ts'
import type { KnownEndpoint } from '@portolan/core/target/probe-space.ts'
import type pg from 'pg'

type ScanRow = {
  readonly seed: Buffer
  readonly discovery: boolean
  readonly first: Readonly<Partial<Record<'tcp' | 'udp', readonly KnownEndpoint[]>>> | null
  readonly tcp: readonly PortRange[]
  readonly udp: readonly PortRange[]
}
/** `vantage` is null where the ranges are those of every vantage. */
type RangeRow = { readonly vantage: string | null; readonly first: string; readonly last: string }

const ranges = (column: string) =>
  `(SELECT coalesce(json_agg(json_build_object('first', lower(r), 'last', upper(r) - 1) ORDER BY r), '[]')
    FROM unnest(${column}) AS r)`

/** A scan that does not exist covers nothing. */
export async function loadCoverage(db: pg.Pool | pg.ClientBase, scanId: string): Promise<Coverage> {
  const scans = await db.query<ScanRow>(
    `SELECT seed, discovery, first, ${ranges('tcp_ports')} AS tcp, ${ranges('udp_ports')} AS udp FROM scans WHERE id = $1`,
    [scanId],
  )
  const [scan] = scans.rows
  if (scan === undefined) return () => false
  // Hosts that did not answer the search for hosts were not looked at.
  const targets = await db.query<RangeRow>(
    scan.discovery
      ? 'SELECT vantage, host(range_start) AS first, host(range_end) AS last FROM live_hosts WHERE scan_id = $1'
      : 'SELECT NULL AS vantage, host(range_start) AS first, host(range_end) AS last FROM scan_targets WHERE scan_id = $1',
    [scanId],
  )
  const probed = await db.query<Stretch>(
    `SELECT vantage, transport, from_position AS from, CASE state WHEN 'done' THEN to_position ELSE checkpoint END AS to
     FROM shards WHERE scan_id = $1`,
    [scanId],
  )
  // Where everything opens, looking tells nothing.
  const tarpits = await db.query<{ key: string }>(
    `SELECT vantage || ' ' || host(ip) AS key FROM tarpits WHERE scan_id = $1`,
    [scanId],
  )
  const blind = new Set(tarpits.rows.map(({ key }) => key))
  // 48 of the 128 bits, as the scan itself takes them.
  const seed = scan.seed.readUIntBE(0, 6)
  const coverages = new Map<string, Coverage>()
  for (const vantage of new Set(probed.rows.map((stretch) => stretch.vantage))) {
    const own = targets.rows.filter((range) => range.vantage === null || range.vantage === vantage)
    const addresses = setOf(own.map(({ first, last }) => ({ first: pointAt(first), last: pointAt(last) })))
    const stretches = probed.rows.filter((stretch) => stretch.vantage === vantage)
    coverages.set(
      vantage,
      createCoverage({
        addresses,
        ports: { tcp: scan.tcp, udp: scan.udp },
        seed,
        first: scan.first ?? {},
        probed: stretches,
      }),
    )
  }
  const isBlind = ({ vantage, ip, transport }: EndpointKey) => transport === 'tcp' && blind.has(`${vantage} ${ip}`)
  return (endpoint) => !isBlind(endpoint) && (coverages.get(endpoint.vantage)?.(endpoint) ?? false)
}

function pointAt(text: string): bigint {
  const parsed = parseAddress(text)
  assert(parsed.ok, `${text} in the database is not an address`)
  return pointOf(parsed.value)
}
