/** Makes a past scan of a file: everything or nothing, and the same file once. */
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { writeObservations } from '@portolan/db/observations.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type { PoolClient } from 'pg'
import { auditSql } from '../http/audit.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { type PastScan, writePastScan } from './past-scan.ts'
import { observationOf, type RunEvent, readResults, Tally } from './read-results.ts'
import type { ImportFormat, ImportQuery } from './schema.ts'

export interface ImportInput {
  readonly path: string
  readonly sha256: Uint8Array
  readonly format: ImportFormat
  readonly query: ImportQuery
}

type AnyCall = Call<unknown, unknown, unknown>

const CLAIM = `INSERT INTO imports (project_id, format, sha256) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id`

const COMPLETE = 'UPDATE imports SET scan_id = $2, report = $3, finished_at = now() WHERE id = $1'

/**
 * False when this project has imported the same file before; a concurrent import of it is waited for. Throws a
 * `validation` problem when there is nothing in the file.
 */
export async function importResults(call: AnyCall, input: ImportInput): Promise<boolean> {
  const { caller, parts } = call
  return transaction(parts.db.pool, async (client) => {
    const { rows } = await client.query<{ id: string }>(CLAIM, [caller.projectId, input.format, input.sha256])
    const [claimed] = rows
    if (claimed === undefined) return false
    const scan = await takeOver(client, call, input)
    await writePastScan(client, scan)
    const report = scan.tally.report(scan.run.scanner, scan.run.version)
    await client.query(COMPLETE, [claimed.id, scan.id, JSON.stringify(report)])
    await auditSql(client, call, { action: 'import.create', targetType: 'import', targetId: claimed.id, after: report })
    return true
  })
}

/** Rows at a time: memory stays the same for any file. */
const BATCH = 5_000

type Seen = { readonly endpoint: EndpointRecord; readonly seenAt: number | null }

/** Writes the observations; the rest of the scan is known at the end of the file. */
async function takeOver(client: PoolClient, call: AnyCall, { path, format, query }: ImportInput): Promise<PastScan> {
  const tally = new Tally()
  const now = call.parts.now().getTime()
  let run: RunEvent = { kind: 'run', scanner: format, version: null, startedAt: null, scanned: null }
  let scan: { readonly id: string; readonly startedAt: number } | null = null
  let batch: Seen[] = []
  const flush = async () => {
    scan ??= await placeInTime(client, run.startedAt ?? earliest(batch) ?? now)
    for (const transport of ['tcp', 'udp'] as const) {
      const rows = batch.filter(({ endpoint }) => endpoint.transport === transport)
      const startedAt = scan.startedAt
      const observations = rows.map(({ endpoint, seenAt }) => observationOf(endpoint, new Date(seenAt ?? startedAt)))
      await writeObservations(client, { scanId: scan.id, vantage: query.vantage, transport }, observations)
    }
    batch = []
    return scan
  }
  for await (const event of readResults(path, format)) {
    tally.take(event)
    if (event.kind === 'run') run = event
    if (event.kind === 'endpoint') batch.push(event)
    if (batch.length >= BATCH) await flush()
  }
  if (tally.hosts.size === 0) throw nothingIn(format, tally)
  const { id, startedAt } = await flush()
  const { label = `${run.scanner} import`, vantage } = query
  return {
    id,
    startedAt,
    finishedAt: Math.max(startedAt, tally.finishedAt ?? startedAt),
    run,
    tally,
    label,
    vantage,
    caller: call.caller,
  }
}

const READABLE =
  'there are nmap-xml (-oX), masscan (-oJ or -oL) and ndjson (ours); say ?format= when it is another one than the media type tells'

function nothingIn(format: ImportFormat, { problems }: Tally): Problem {
  const [first] = problems
  const why = first ? `: line ${first.line}, ${first.problem}` : ''
  return new Problem('validation', `there is no result in this file, read as ${format}${why}`, {
    errors: [{ in: 'body', pointer: '#', detail: `not ${format}, or empty; ${READABLE}` }],
  })
}

/** An id made for that moment: history is ordered and partitioned by the ids of scans. */
async function placeInTime(client: PoolClient, startedAt: number) {
  const { rows } = await client.query<{ id: string }>('SELECT uuid_v7($1::timestamptz) AS id', [new Date(startedAt)])
  return { id: rows[0]?.id ?? '', startedAt }
}

function earliest(batch: readonly Seen[]): number | null {
  let first: number | null = null
  for (const { seenAt } of batch) if (seenAt !== null && (first === null || seenAt < first)) first = seenAt
  return first
}
