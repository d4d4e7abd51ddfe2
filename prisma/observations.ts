/**
 * Writes what a scan saw, thousands of rows a call, any row any number of times.
 *
 * COPY is by far the fastest way into PostgreSQL but stops at the first key that is there already. Most rows are seen
 * for the first time, so they are simply copied; when one of them turns out to be there, all are taken back, copied into
 * a temporary table without indexes and merged from there. Both ways go in the order of the primary key: neighbours in a
 * batch then share index pages, and writers never wait for each other in a circle. docs/decisions/0013 has the
 * measurements.
 */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Detection, Service, TlsFacts } from '@portolan/core/detect/protocol.ts'
import type { PortState } from '@portolan/core/engine/engine.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import { pointOf } from '@portolan/core/target/address-set.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { type ClientBase, DatabaseError } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { copyArray, copyBytes, copyJson, copyText, printable } from './copy-format.ts'

/** What the rows of one call have in common. */
export type ObservedBy = { readonly scanId: string; readonly vantage: string; readonly transport: Transport }

export type Observation = {
  readonly ip: string
  readonly port: number
  readonly state: PortState
  readonly reason: string
  /** Milliseconds. */
  readonly rtt: number | null
  readonly seenAt: Date
  /** Null: nobody asked the port what it runs. */
  readonly detection: ObservedDetection | null
}

/** As the detection found it, or as the file of another scanner tells it. */
export type ObservedDetection =
  | Detection
  | {
      readonly status: 'identified'
      readonly method: 'table' | 'imported'
      readonly service: Service
      readonly tls: TlsFacts | null
      readonly evidence: Uint8Array
    }

/**
 * In the caller's transaction. The last word on an endpoint wins, but one without detection never erases one with.
 * Text is cut and cleaned here: no NUL, no control characters, nothing too long for an index. `known`: some of them are
 * likely to be there already, which saves a vain attempt and a line about it in the database's log.
 */
export async function writeObservations(
  client: ClientBase,
  by: ObservedBy,
  observations: readonly Observation[],
  { known = false } = {},
): Promise<void> {
  // Outside of one, a part would be written, and the temporary rows would be gone before they are merged.
  assert(client.getTransactionStatus() === 'T', 'writeObservations needs a transaction')
  if (observations.length === 0) return
  if (!known && (await copyNew(client, by, inOrder(observations)))) return
  await client.query(PREPARE)
  await pipeline(Readable.from(chunks(observations, '')), client.query(copyFrom(COPY)))
  const { scanId, vantage, transport } = by
  await client.query({ name: 'merge observations', text: MERGE, values: [scanId, vantage, transport] })
}

const UNIQUE_VIOLATION = '23505'

/** False: one of them was there already, and none is written. */
async function copyNew(
  client: ClientBase,
  { scanId, vantage, transport }: ObservedBy,
  observations: readonly Observation[],
): Promise<boolean> {
  const start = [scanId, copyText(vantage), transport, ''].join('\t')
  await client.query('SAVEPOINT new_observations')
  try {
    await pipeline(Readable.from(chunks(observations, start)), client.query(copyFrom(COPY_NEW)))
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === UNIQUE_VIOLATION)) throw error
    await client.query('ROLLBACK TO SAVEPOINT new_observations')
    return false
  }
  await client.query('RELEASE SAVEPOINT new_observations')
  return true
}

/** By address and port, as PostgreSQL orders them. What is no address is for PostgreSQL to refuse. */
function inOrder(observations: readonly Observation[]): readonly Observation[] {
  const placed = observations.map((row) => {
    const parsed = parseAddress(row.ip)
    if (!parsed.ok) return { row, at: 0 }
    return { row, at: parsed.value.family === 4 ? parsed.value.value : pointOf(parsed.value) }
  })
  placed.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.row.port - b.row.port))
  return placed.map(({ row }) => row)
}

type Column = (row: Observation, service: Service | null) => string

/** Columns that every row has, in the order of `commonOf`. */
const COMMON = ['ip', 'port', 'state', 'reason', 'rtt', 'seen_at']

const commonOf = ({ ip, port, state, reason, rtt, seenAt }: Observation) =>
  `${ip}\t${port}\t${state}\t${reason}\t${rtt === null ? NULL : rtt}\t${seenAt.toISOString()}`

/** The others: name, and text in COPY's format. */
const DETECTED: Readonly<Record<string, Column>> = {
  detection: (row) => row.detection?.status ?? NULL,
  method: (row) => (row.detection?.status === 'identified' ? row.detection.method : NULL),
  confidence: (_, service) => (service === null ? NULL : String(service.confidence)),
  service: (_, service) => copyText(service?.name),
  product: (_, service) => copyText(service?.product),
  version: (_, service) => copyText(service?.version),
  vendor: (_, service) => copyText(service?.vendor),
  info: (_, service) => copyText(service?.info),
  os: (_, service) => copyText(service?.os),
  device: (_, service) => copyText(service?.device),
  hostname: (_, service) => copyText(service?.hostname),
  cpe: (_, service) => copyArray(service?.cpe),
  tls: (row) => copyJson(tlsOf(row.detection)),
  facts: (_, service) => copyJson(service?.facts),
  evidence: (row) => copyBytes(row.detection?.evidence),
  evidence_text: (row) => copyText(printable(row.detection?.evidence), EVIDENCE_LENGTH),
}

/**
 * TLS granted on request (STARTTLS): its certificate expires and changes like any other, so changes, policies and
 * metrics want it in the same place. A mere yes or no, as of a directory, is not it.
 */
function tlsOf(detection: ObservedDetection | null): object | null {
  const service = detection?.status === 'identified' ? detection.service : null
  const upgrade = service?.facts.startTls ?? null
  return detection?.tls ?? (typeof upgrade === 'object' ? upgrade : null)
}

/** Lower-case hex SHA-256 of the certificate it is stored with. */
export function certificateOf(detection: ObservedDetection): string | null {
  const tls = tlsOf(detection)
  const certificate = tls !== null && 'certificate' in tls ? tls.certificate : null
  if (typeof certificate !== 'object' || certificate === null || !('sha256' in certificate)) return null
  return typeof certificate.sha256 === 'string' ? certificate.sha256 : null
}

const NULL = '\\N'
const EVIDENCE_LENGTH = 4_096
const KEY = ['ip', 'port']
const names = [...COMMON, ...Object.keys(DETECTED)]
const values = Object.values(DETECTED)
/** Of most rows nobody asks more than whether they are open. */
const UNDETECTED = `\t${NULL}`.repeat(values.length)
const list = names.join(', ')
const rest = names.filter((name) => !KEY.includes(name))

const PREPARE = `
  CREATE TEMPORARY TABLE IF NOT EXISTS incoming_observations ON COMMIT DELETE ROWS AS
    SELECT ${list} FROM observations WITH NO DATA;
  DELETE FROM incoming_observations`

const COPY_NEW = `COPY observations (scan_id, vantage, transport, ${list}) FROM STDIN`

const COPY = `COPY incoming_observations (${list}) FROM STDIN`

// One statement may meet a key only once: of several rows of one call, that with a detection is taken.
const MERGE = `
  INSERT INTO observations (scan_id, vantage, transport, ${list})
  SELECT DISTINCT ON (ip, port) $1::uuid, $2, $3::transport, ${list}
    FROM incoming_observations ORDER BY ip, port, detection IS NULL
  ON CONFLICT (scan_id, ip, port, transport, vantage) DO UPDATE
    SET (${rest.join(', ')}) = ROW (${rest.map((name) => `EXCLUDED.${name}`).join(', ')})
    WHERE EXCLUDED.detection IS NOT NULL OR observations.detection IS NULL`

/** Big enough that a write is worth its system call, small enough to overlap with the server's work on the last one. */
const CHUNK = 1 << 16

function* chunks(observations: readonly Observation[], start: string): Generator<string> {
  let text = ''
  for (const row of observations) {
    text += start + commonOf(row)
    if (row.detection === null) text += UNDETECTED
    else {
      const service = row.detection.status === 'identified' ? row.detection.service : null
      for (const value of values) text += `\t${value(row, service)}`
    }
    text += '\n'
    if (text.length < CHUNK) continue
    yield text
    text = ''
  }
  yield text
}
