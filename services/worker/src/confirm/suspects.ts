/** What a scan makes look changed: worth a second look before anybody is told. */
import type { Look } from '@portolan/core/exposure/compare-looks.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { NO_TARPIT } from '@portolan/db/tarpits.ts'
import type pg from 'pg'
import { coveredBy, earlierScans } from '../history/covered-before.ts'
import { missedBy } from '../history/tell-closed.ts'

export type Suspect = EndpointKey & {
  /** `missed`: open before; `opened`: not open before; `altered`: with another service, version or certificate. */
  readonly why: 'missed' | 'opened' | 'altered'
  /** Of what is altered. */
  readonly looks: { readonly before: Look; readonly first: Look } | null
}

type Row = EndpointKey & { readonly still: boolean; readonly before: Look; readonly first: Look }

const look = (row: string, certificate: string) =>
  `json_build_object('service', ${row}.service, 'product', ${row}.product, 'version', ${row}.version,
    'certificate', ${certificate})`

const SHOWN = `o.tls #>> '{certificate,sha256}'`

const SEEN = `
  FROM observations o JOIN scans s ON s.id = o.scan_id LEFT JOIN endpoints e ON e.project_id = s.project_id
    AND (e.ip, e.port, e.transport, e.vantage) = (o.ip, o.port, o.transport, o.vantage)
  WHERE o.scan_id = $1 AND o.state = 'open' AND ${NO_TARPIT}`

/** Known, and another thing than what is remembered. */
const KNOWN = `
  SELECT host(o.ip) AS ip, o.port, o.transport, o.vantage, e.state = 'open' AS still,
    ${look('e', 'e.tls_sha256')} AS before, ${look('o', SHOWN)} AS first
  ${SEEN} AND o.seen_at > e.last_seen AND (e.state <> 'open' OR o.service <> e.service OR o.product <> e.product
    OR o.version <> e.version OR ${SHOWN} <> e.tls_sha256)`

const NEW = `SELECT host(o.ip) AS ip, o.port, o.transport, o.vantage ${SEEN} AND e.id IS NULL`

export async function suspectsOf(client: pg.ClientBase, scanId: string): Promise<readonly Suspect[]> {
  return [...(await suspectedClosed(client, scanId)), ...(await suspectedOpen(client, scanId))]
}

/** Open before. */
export async function suspectedClosed(client: pg.ClientBase, scanId: string): Promise<readonly Suspect[]> {
  const missed = await missedBy(client, scanId)
  return missed.map((key) => ({ ...keyOf(key), why: 'missed', looks: null }))
}

/** Open now. */
async function suspectedOpen(client: pg.ClientBase, scanId: string): Promise<readonly Suspect[]> {
  const { rows } = await client.query<Row>(KNOWN, [scanId])
  return [
    ...rows.map(({ still, before, first, ...key }): Suspect => {
      return still ? { ...key, why: 'altered', looks: { before, first } } : { ...key, why: 'opened', looks: null }
    }),
    ...(await firstOpenings(client, scanId)).map((key): Suspect => ({ ...key, why: 'opened', looks: null })),
  ]
}

/** Never seen open, though somebody has looked. Where nobody has, nothing has opened. */
async function firstOpenings(client: pg.ClientBase, scanId: string): Promise<readonly EndpointKey[]> {
  const earlier = await earlierScans(client, scanId)
  if (earlier.length === 0) return []
  return coveredBy(client, earlier, (await client.query<EndpointKey>(NEW, [scanId])).rows)
}

const keyOf = ({ vantage, ip, transport, port }: EndpointKey): EndpointKey => ({ vantage, ip, transport, port })
