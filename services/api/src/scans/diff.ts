/** Two scans side by side, page by page in the order of the primary key: constant memory, whatever their size. */
import type { Coverage } from '@portolan/core/exposure/coverage.ts'
import { type ChangeKind, serviceChanges } from '@portolan/core/exposure/diff.ts'
import type { EndpointKey, Sighting } from '@portolan/core/exposure/sighting.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import { NO_TARPIT } from '@portolan/db/tarpits.ts'
import type { Pool } from 'pg'
import { z } from 'zod'
import { type StoredSnapshot, snapshotOf } from '../changes/queries.ts'
import { KINDS, Place, Snapshot } from '../changes/schema.ts'
import { paging } from '../http/cursor.ts'
import { id } from '../http/text.ts'

const entry = { endpoint: Place, before: Snapshot.nullable(), after: Snapshot.nullable() }

export const ScanDiff = z
  .strictObject({
    opened: z.array(z.strictObject(entry)),
    closed: z.array(z.strictObject(entry)),
    changed: z.array(z.strictObject({ kinds: z.array(z.enum(KINDS)), ...entry })),
    notComparable: z.array(
      z.strictObject({
        seenIn: z.enum(['before', 'after']).meta({ description: 'The scan that saw it open; the other did not look.' }),
        ...entry,
      }),
    ),
    next: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' }),
  })
  .meta({ id: 'ScanDiff' })
export type ScanDiff = z.output<typeof ScanDiff>

export const DiffPath = z.strictObject({
  a: id.meta({ description: 'The earlier scan.' }),
  b: id.meta({ description: 'The later scan.' }),
})
export const DiffQuery = z.strictObject(paging)

/** Where a page starts: the last endpoint of the page before. */
export const DiffPosition = z.tuple([z.string(), z.int(), z.enum(['tcp', 'udp']), z.string()])
type DiffPosition = z.output<typeof DiffPosition>

const KEY = 'ip, port, transport, vantage'
const SIDE = (scan: string) => `
  SELECT ${KEY}, jsonb_strip_nulls(jsonb_build_object('state', state, 'service', service, 'product', product,
    'version', version, 'info', info, 'os', os, 'hostname', hostname, 'cpe', to_jsonb(cpe), 'certificate',
    CASE WHEN tls #>> '{certificate,sha256}' IS NOT NULL THEN jsonb_build_object(
      'sha256', tls #>> '{certificate,sha256}', 'notAfter', tls #>> '{certificate,notAfter}') END)) AS side
  FROM observations o WHERE scan_id = ${scan} AND state = 'open'
    AND ${NO_TARPIT}
    AND ($3::inet IS NULL OR (${KEY}) > ($3::inet, $4::int, $5::transport, $6::text))
  ORDER BY ${KEY} LIMIT $7`

// The first rows of both together are among the first rows of each.
const PAIRS = {
  name: 'diff-pairs',
  text: `SELECT ip, port, transport, vantage, a.side AS before, b.side AS after
    FROM (${SIDE('$1')}) a FULL JOIN (${SIDE('$2')}) b USING (${KEY}) ORDER BY ${KEY} LIMIT $7`,
}

type Pair = EndpointKey & { readonly before: StoredSnapshot | null; readonly after: StoredSnapshot | null }

const BATCH = 2_000
/** Rows read for one page: two large scans that agree give a short page and a cursor rather than a long wait. */
const MOST_ROWS = 40_000

export interface DiffOptions {
  readonly before: string
  readonly after: string
  readonly behind: DiffPosition | null
  readonly limit: number
}

/** Up to `limit` differences, and where to go on; null: there are no more. */
export async function diffPage(pool: Pool, { before, after, behind, limit }: DiffOptions) {
  const [coverBefore, coverAfter] = await Promise.all([loadCoverage(pool, before), loadCoverage(pool, after)])
  const diff: Omit<ScanDiff, 'next'> = { opened: [], closed: [], changed: [], notComparable: [] }
  let position = behind
  let left = limit
  for (let read = 0; read < MOST_ROWS; read += BATCH) {
    const values = [before, after, ...(position ?? [null, null, null, null]), BATCH]
    const { rows } = await pool.query<Pair>({ ...PAIRS, values })
    for (const pair of rows) {
      if (left === 0) return { diff, position }
      position = [pair.ip, pair.port, pair.transport, pair.vantage]
      if (classify(pair, diff, coverBefore, coverAfter)) left--
    }
    if (rows.length < BATCH) return { diff, position: null }
  }
  return { diff, position }
}

/** True when there is a difference, which is put where it belongs. */
function classify(pair: Pair, into: Omit<ScanDiff, 'next'>, before: Coverage, after: Coverage): boolean {
  const { vantage, ip, transport, port } = pair
  const endpoint = { vantage, ip, transport, port }
  const sides = { before: pair.before && snapshotOf(pair.before), after: pair.after && snapshotOf(pair.after) }
  const found = { endpoint, ...sides }
  if (sides.before === null) {
    if (before(endpoint)) into.opened.push(found)
    else into.notComparable.push({ seenIn: 'after', ...found })
    return true
  }
  if (sides.after === null) {
    if (after(endpoint)) into.closed.push(found)
    else into.notComparable.push({ seenIn: 'before', ...found })
    return true
  }
  const changes = serviceChanges(sightingOf(endpoint, sides.before), sightingOf(endpoint, sides.after))
  const kinds: ChangeKind[] = changes.map(({ kind }) => kind)
  if (kinds.length > 0) into.changed.push({ kinds, ...found })
  return kinds.length > 0
}

function sightingOf(endpoint: EndpointKey, { state, service, product, version, certificate }: Snapshot): Sighting {
  const told = certificate && { sha256: certificate.sha256, notAfter: certificate.notAfter ?? '' }
  return {
    ...endpoint,
    state,
    service: service === null ? null : { name: service, product, version, certificate: told },
  }
}
