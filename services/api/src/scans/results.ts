/** Reads what a scan found, in the order of the primary key: constant memory, and no open transaction. */
import type { Pool } from 'pg'
import { batches } from './batches.ts'
import type { Position, Result } from './result-schema.ts'

export interface ResultFilter {
  readonly states: readonly string[] | null
  /** PostgreSQL int4multirange text. */
  readonly ports: string | null
  readonly transport: string | null
  readonly vantage: string | null
  readonly services: readonly string[] | null
  readonly product: string | null
  /** CIDR, or null. */
  readonly network: string | null
  /** A name the scan was given, or null. */
  readonly name: string | null
}

/** Rows behind a position, in order; the values are those of `valuesOf`. */
export const ROWS = `FROM observations
  WHERE scan_id = $1
    AND ($2::inet IS NULL OR (ip, port, transport, vantage) > ($2::inet, $3::int, $4::transport, $5::text))
    AND ($6::text[] IS NULL OR state::text = ANY ($6))
    AND ($7::int4multirange IS NULL OR port <@ $7::int4multirange)
    AND ($8::transport IS NULL OR transport = $8::transport)
    AND ($9::text[] IS NULL OR lower(service) = ANY ($9))
    AND ($10::text IS NULL OR position(lower($10) IN lower(product)) > 0)
    AND ($11::inet IS NULL OR ip <<= $11::inet)
    AND ($12::text IS NULL OR ip IN (SELECT range_start FROM scan_targets WHERE scan_id = $1 AND name = $12))
    AND ($13::text IS NULL OR vantage = $13)
  ORDER BY ip, port, transport, vantage
  LIMIT $14`

const COLUMNS = `ip, port, transport, vantage, state, reason, rtt, seen_at, detection, method, service, product, version,
  vendor, info, os, device, hostname, cpe, tls, facts, confidence, evidence_text`

const PAGE = { name: 'result-page', text: `SELECT ${COLUMNS} ${ROWS}` }
const PAGE_OF_BYTES = { name: 'result-page-bytes', text: `SELECT ${COLUMNS}, evidence ${ROWS}` }

interface ResultRow {
  readonly ip: string
  readonly port: number
  readonly transport: Result['transport']
  readonly vantage: string
  readonly state: Result['state']
  readonly reason: string
  readonly rtt: number | null
  readonly seen_at: Date
  readonly detection: Result['detection']
  readonly method: string | null
  readonly service: string | null
  readonly product: string | null
  readonly version: string | null
  readonly vendor: string | null
  readonly info: string | null
  readonly os: string | null
  readonly device: string | null
  readonly hostname: string | null
  readonly cpe: string[] | null
  readonly tls: Record<string, unknown> | null
  readonly facts: Record<string, unknown> | null
  readonly confidence: number | null
  readonly evidence_text: string | null
  /** Undefined: not asked for. */
  readonly evidence?: Buffer | null
}

export interface PageOptions {
  readonly filter: ResultFilter
  readonly after: Position | null
  readonly limit: number
  /** Whether the bytes that were sent are wanted. */
  readonly evidence?: boolean
}

export async function resultPage(pool: Pool, scanId: string, options: PageOptions): Promise<Result[]> {
  const page = options.evidence ? PAGE_OF_BYTES : PAGE
  const { rows } = await pool.query<ResultRow>({ ...page, values: valuesOf(scanId, options) })
  return rows.map(viewOf)
}

export function valuesOf(scanId: string, { filter, after, limit }: PageOptions): unknown[] {
  const { states, ports, transport, vantage, services, product, network, name } = filter
  const lower = services?.map((service) => service.toLowerCase()) ?? null
  const start = after ?? [null, null, null, null]
  return [scanId, ...start, states, ports, transport, lower, product, network, name, vantage, limit]
}

/** Every result, in batches. */
export function allResults(pool: Pool, scanId: string, filter: ResultFilter): AsyncGenerator<readonly Result[]> {
  return batches(async (after, limit) => {
    const content = await resultPage(pool, scanId, { filter, after, limit })
    const last = content.length < limit ? undefined : content.at(-1)
    return { content, last: last ? positionOf(last) : null }
  })
}

export const positionOf = ({ ip, port, transport, vantage }: Result): Position => [ip, port, transport, vantage]

function viewOf(row: ResultRow): Result {
  const { ip, port, transport, vantage, state, reason, rtt, seen_at, detection, evidence_text, evidence } = row
  return {
    ip,
    port,
    transport,
    state,
    reason,
    rtt,
    service: serviceOf(row),
    detection,
    banner: evidence_text,
    ...(evidence !== undefined && { evidence: evidence?.toString('base64') ?? null }),
    vantage,
    seenAt: seen_at.toISOString(),
  }
}

function serviceOf(row: ResultRow): Result['service'] {
  const { service, product, version, vendor, info, os, device, hostname, cpe, tls, facts, method, confidence } = row
  if (service === null) return null
  return {
    name: service,
    product,
    version,
    info,
    cpe: cpe ?? [],
    tls,
    method,
    confidence,
    vendor,
    os,
    device,
    hostname,
    facts,
  }
}
