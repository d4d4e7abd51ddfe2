/**
 * Results as NDJSON, without making objects of rows that only pass through: each column arrives as text, and is put
 * into its place. The same fields in the same order as a Result; a test holds the two against each other.
 */
import type { Pool } from 'pg'
import { batches } from './batches.ts'
import { Position } from './result-schema.ts'
import { type ResultFilter, ROWS, valuesOf } from './results.ts'

/** Field, column, and whether the column's text is JSON already. */
type Field = readonly [name: string, column: string, json?: 'json']

const ENDPOINT: readonly Field[] = [
  ['ip', 'ip'],
  ['port', 'port', 'json'],
  ['transport', 'transport'],
  ['state', 'state'],
  ['reason', 'reason'],
  ['rtt', 'rtt', 'json'],
]
const SERVICE: readonly Field[] = [
  ['name', 'service'],
  ['product', 'product'],
  ['version', 'version'],
  ['info', 'info'],
  ['cpe', `coalesce(array_to_json(cpe)::text, '[]')`, 'json'],
  ['tls', 'tls', 'json'],
  ['method', 'method'],
  ['confidence', 'confidence', 'json'],
  ['vendor', 'vendor'],
  ['os', 'os'],
  ['device', 'device'],
  ['hostname', 'hostname'],
  ['facts', 'facts', 'json'],
]
const LOOK: readonly Field[] = [
  ['detection', 'detection'],
  ['banner', 'evidence_text'],
  ['vantage', 'vantage'],
  ['seenAt', `to_char(seen_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`],
]

const FIELDS = [...ENDPOINT, ...SERVICE, ...LOOK]
const SERVICE_AT = ENDPOINT.length
const LOOK_AT = SERVICE_AT + SERVICE.length

const LINES = {
  name: 'result-lines',
  text: `SELECT ${FIELDS.map(([, column]) => column).join(', ')} ${ROWS}`,
  rowMode: 'array',
  types: { getTypeParser: () => (text: string) => text },
}

type Row = readonly (string | null)[]

/** Every result as a line of JSON, many lines at a time. */
export function resultLines(pool: Pool, scanId: string, filter: ResultFilter): AsyncGenerator<string> {
  return batches(async (after, limit) => {
    const { rows } = await pool.query<Row>({ ...LINES, values: valuesOf(scanId, { filter, after, limit }) })
    let content = ''
    for (const row of rows) content += lineOf(row)
    return { content, last: rows.length < limit ? null : positionOf(rows.at(-1) ?? []) }
  })
}

function lineOf(row: Row): string {
  const service = row[SERVICE_AT] === null ? 'null' : `{${fields(row, SERVICE_AT, LOOK_AT)}}`
  return `{${fields(row, 0, SERVICE_AT)},"service":${service},${fields(row, LOOK_AT, FIELDS.length)}}\n`
}

const NAMES = FIELDS.map(([name]) => `"${name}":`)
const IS_JSON = FIELDS.map(([, , json]) => json === 'json')

function fields(row: Row, from: number, to: number): string {
  let text = ''
  for (let i = from; i < to; i++) {
    const value = row[i] ?? null
    const json = value === null || IS_JSON[i] ? String(value) : quote(value)
    text += `${i > from ? ',' : ''}${NAMES[i]}${json}`
  }
  return text
}

/** Most text needs no escapes, and looking for them is cheaper than making them. */
const quote = (text: string) => (/^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text))

function positionOf(row: Row): Position {
  const at = (name: string) => row[FIELDS.findIndex(([field]) => field === name)]
  return Position.parse([at('ip'), Number(at('port')), at('transport'), at('vantage')])
}
