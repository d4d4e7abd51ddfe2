/** What a scan found, page by page in the order of the primary key: constant memory, and no open transaction. */
import type { Pool } from 'pg'
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { line, moment, queryList } from '../http/text.ts'

const text = z.string().nullable()

export const FoundService = z
  .strictObject({
    name: z.string(),
    product: text,
    version: text,
    info: text,
    cpe: z.array(z.string()),
    tls: z.record(z.string(), z.unknown()).nullable(),
    method: text.meta({ description: '`probed`: it said so; `table`: only what usually runs on this port.' }),
    confidence: z.number().nullable(),
    vendor: text,
    os: text,
    device: text,
    hostname: text,
    facts: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'FoundService' })

export const Result = z
  .strictObject({
    ip: z.string(),
    port: z.int(),
    transport: z.enum(['tcp', 'udp']),
    state: z.enum(['open', 'closed', 'filtered', 'open|filtered']),
    reason: z.string(),
    rtt: z.number().nullable().meta({ description: 'Milliseconds.' }),
    service: FoundService.nullable(),
    detection: z
      .enum(['identified', 'unidentified', 'silent', 'tcpwrapped'])
      .nullable()
      .meta({ description: 'What asking the service gave; null: not asked.' }),
    banner: text.meta({ description: 'The start of what it sent, without control characters.' }),
    vantage: z.string(),
    seenAt: moment,
  })
  .meta({ id: 'Result' })
export type Result = z.output<typeof Result>

export const ResultPage = pageOf(Result, 'ResultPage')

export const FORMATS = ['json', 'ndjson', 'csv', 'xml', 'gnmap'] as const
export type Format = (typeof FORMATS)[number]

export const ListResults = z.strictObject({
  state: queryList(z.enum(['open', 'closed', 'filtered', 'open|filtered'])).optional(),
  port: line({ max: 1000 }).optional().meta({ description: 'A port spec: `22`, `80,443`, `1-1024`.' }),
  transport: z.enum(['tcp', 'udp']).optional(),
  vantage: line({ max: 63 }).optional(),
  service: queryList(line({ max: 64 }))
    .optional()
    .meta({ description: 'One of these services, by name.' }),
  product: line({ max: 200 }).optional().meta({ description: 'Part of the product’s name.' }),
  host: line({ max: 255 }).optional().meta({ description: 'An address, a CIDR block, or a name the scan was given.' }),
  format: z.enum(FORMATS).optional().meta({ description: 'Beats Accept. All but json stream everything at once.' }),
  ...paging,
})

/** Where a page starts: the last row of the page before. */
export const Position = z.tuple([z.string(), z.int(), z.enum(['tcp', 'udp']), z.string()])
export type Position = z.output<typeof Position>

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

const PAGE = {
  name: 'result-page',
  text: `SELECT ip, port, transport, vantage, state, reason, rtt, seen_at, detection, method, service, product, version,
      vendor, info, os, device, hostname, cpe, tls, facts, confidence, evidence_text
    FROM observations
    WHERE scan_id = $1
      AND ($2::inet IS NULL OR (ip, port, transport, vantage) > ($2::inet, $3::int, $4::transport, $5::text))
      AND ($6::text[] IS NULL OR state::text = ANY ($6))
      AND ($7::int4multirange IS NULL OR port <@ $7::int4multirange)
      AND ($8::transport IS NULL OR transport = $8::transport)
      AND ($9::text[] IS NULL OR lower(service) = ANY ($9))
      AND ($10::text IS NULL OR position(lower($10) IN lower(product)) > 0)
      AND ($11::inet IS NULL OR ip <<= $11::inet)
      AND ($14::text IS NULL OR vantage = $14)
      AND ($12::text IS NULL OR ip IN (SELECT range_start FROM scan_targets WHERE scan_id = $1 AND name = $12))
    ORDER BY ip, port, transport, vantage
    LIMIT $13`,
}

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
}

export interface PageOptions {
  readonly filter: ResultFilter
  readonly after: Position | null
  readonly limit: number
}

export async function resultPage(pool: Pool, scanId: string, { filter, after, limit }: PageOptions): Promise<Result[]> {
  const { states, ports, transport, vantage, services, product, network, name } = filter
  const { rows } = await pool.query<ResultRow>({
    ...PAGE,
    values: [
      scanId,
      ...(after ?? [null, null, null, null]),
      states,
      ports,
      transport,
      services?.map((service) => service.toLowerCase()) ?? null,
      product,
      network,
      name,
      limit,
      vantage,
    ],
  })
  return rows.map(viewOf)
}

const BATCH = 2_000

/** Every result, in batches; the next one is read when the consumer asks for it. */
export async function* allResults(pool: Pool, scanId: string, filter: ResultFilter): AsyncGenerator<readonly Result[]> {
  let after: Position | null = null
  for (;;) {
    const batch: Result[] = await resultPage(pool, scanId, { filter, after, limit: BATCH })
    if (batch.length > 0) yield batch
    const last = batch.at(-1)
    if (batch.length < BATCH || last === undefined) return
    after = positionOf(last)
  }
}

export const positionOf = ({ ip, port, transport, vantage }: Result): Position => [ip, port, transport, vantage]

function viewOf(row: ResultRow): Result {
  const { ip, port, transport, vantage, state, reason, rtt, seen_at, detection, evidence_text } = row
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
