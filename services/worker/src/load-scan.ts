import assert from 'node:assert/strict'
import { parseAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, pointOf, setOf } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import type { PortRange } from '@portolan/core/target/port-set.ts'
import type { KnownEndpoint, ProbeSpace, Transport } from '@portolan/core/target/probe-space.ts'
import type pg from 'pg'

export interface Scan {
  readonly id: string
  readonly projectId: string
  readonly status: string
  readonly wanted: 'run' | 'pause' | 'cancel'
  readonly engine: 'auto' | 'syn' | 'connect'
  readonly services: 'none' | 'light' | 'default' | 'all'
  readonly record: 'open' | 'all'
  /** Probes per second, over all workers; null: as fast as the path carries it. */
  readonly rate: number | null
  readonly perHostRate: number | null
  readonly vantages: readonly string[]
  /** Look for hosts first, and scan only those. */
  readonly discovery: boolean
  /** What it probes: its targets, or where somebody answered at the vantage it was loaded for. */
  readonly addresses: AddressSet
  /** Null when the scan asks no port of this transport. Throws ProbeSpaceTooLarge. */
  space(transport: Transport): ProbeSpace | null
  /** The same with other addresses. */
  spaceOf(addresses: AddressSet, transport: Transport): ProbeSpace | null
  /** The name by which the user meant this address; null when they named the address itself. */
  hostnameOf(ip: string): string | null
}

type ScanRow = Pick<
  Scan,
  'id' | 'status' | 'wanted' | 'engine' | 'services' | 'record' | 'rate' | 'vantages' | 'discovery'
> & {
  readonly project_id: string
  readonly per_host_rate: number | null
  readonly seed: Buffer
  readonly first: Readonly<Partial<Record<Transport, readonly KnownEndpoint[]>>> | null
  readonly tcp: readonly PortRange[]
  readonly udp: readonly PortRange[]
}
type TargetRow = { readonly first: string; readonly last: string; readonly name: string | null }

const ranges = (column: string) =>
  `(SELECT coalesce(json_agg(json_build_object('first', lower(r), 'last', upper(r) - 1) ORDER BY r), '[]')
    FROM unnest(${column}) AS r)`

/**
 * A scan as it was pinned when it was asked for: nothing is resolved or parsed anew. With a vantage, a scan that looks
 * for hosts first is what it found there. Null when there is none.
 */
export async function loadScan(
  db: pg.Pool | pg.ClientBase,
  scanId: string,
  vantage: string | null = null,
): Promise<Scan | null> {
  const { rows } = await db.query<ScanRow>(
    `SELECT id, project_id, status, wanted, engine, services, record, rate, per_host_rate, vantages, discovery, first,
       seed, ${ranges('tcp_ports')} AS tcp, ${ranges('udp_ports')} AS udp FROM scans WHERE id = $1`,
    [scanId],
  )
  const [row] = rows
  if (row === undefined) return null
  const targets = await loadRanges(db, 'SELECT %, name FROM scan_targets WHERE scan_id = $1', [scanId])
  const named = targets.filter((span) => span.name !== null)
  const LIVE = 'SELECT %, NULL AS name FROM live_hosts WHERE scan_id = $1 AND vantage = $2'
  const addresses = setOf(row.discovery && vantage !== null ? await loadRanges(db, LIVE, [scanId, vantage]) : targets)
  // 48 of the 128 bits: as many as the permutation takes.
  const seed = row.seed.readUIntBE(0, 6)
  const { project_id: projectId, per_host_rate: perHostRate, tcp, udp, first, seed: _, ...rest } = row
  const spaceOf: Scan['spaceOf'] = (among, transport) => {
    const ports = transport === 'tcp' ? tcp : udp
    return ports.length === 0
      ? null
      : createProbeSpace({ addresses: among, ports, transport, seed, first: first?.[transport] ?? [] })
  }
  return {
    ...rest,
    projectId,
    perHostRate,
    addresses,
    spaceOf,
    space: (transport) => spaceOf(addresses, transport),
    hostnameOf(ip) {
      if (named.length === 0) return null
      const point = pointAt(ip)
      return named.find(({ first, last }) => first <= point && point <= last)?.name ?? null
    },
  }
}

async function loadRanges(db: pg.Pool | pg.ClientBase, sql: string, values: readonly string[]) {
  const columns = 'host(range_start) AS first, host(range_end) AS last'
  const { rows } = await db.query<TargetRow>(sql.replace('%', columns), [...values])
  return rows.map(({ first, last, name }) => ({ first: pointAt(first), last: pointAt(last), name }))
}

function pointAt(text: string): bigint {
  const parsed = parseAddress(text)
  assert(parsed.ok, `${text} in the database is not an address`)
  return pointOf(parsed.value)
}
