import type { PolicyRule } from '@portolan/core/exposure/policy.ts'
import type { Sighting } from '@portolan/core/exposure/sighting.ts'
import { formatAddress } from '@portolan/core/target/address.ts'
import { addressAt, type Span } from '@portolan/core/target/address-set.ts'
import { multirange } from '@portolan/db/multirange.ts'
import type pg from 'pg'
import { SIGHTING_COLUMNS, type SightingRow, sightingOf } from './sightings.ts'

/** Endpoints held in memory at once. */
const BATCH = 5_000

const KEY = 'e.ip, e.port, e.transport, e.vantage'
const OPEN = `
  SELECT ${SIGHTING_COLUMNS} FROM endpoints e WHERE e.project_id = $1 AND e.state = 'open'
    AND ($2::inet IS NULL OR e.ip BETWEEN $2 AND $3)
    AND ($4::int4multirange IS NULL OR e.port <@ CASE e.transport WHEN 'tcp' THEN $4 ELSE $5::int4multirange END)
    AND ($6::inet IS NULL OR (${KEY}) > ($6, $7, $8::transport, $9))
  ORDER BY ${KEY} LIMIT ${BATCH}`

/** What is remembered as open where one of the rules may speak of it, batch by batch; perhaps more than once. */
export async function* openAmong(client: pg.ClientBase, projectId: string, rules: readonly PolicyRule[]) {
  for (const { addresses, ports } of rules) {
    const within = ports === null ? [null, null] : [ports.tcp, ports.udp].map((some) => multirange(some) ?? '{}')
    for (const span of addresses?.spans ?? [null]) {
      let last: Sighting | undefined
      do {
        const behind = [last?.ip, last?.port, last?.transport, last?.vantage]
        const { rows } = await client.query<SightingRow>(OPEN, [projectId, ...endsOf(span), ...within, ...behind])
        const open = rows.map(sightingOf)
        yield open
        last = open.length < BATCH ? undefined : open.at(-1)
      } while (last !== undefined)
    }
  }
}

function endsOf(span: Span | null): readonly (string | null)[] {
  return span === null ? [null, null] : [span.first, span.last].map((point) => formatAddress(addressAt(point)))
}
