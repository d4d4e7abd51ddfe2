import { certificateOf, type EndpointRecord } from './endpoint-record.ts'
import type { ResultWriter } from './result-writer.ts'

const COLUMNS: readonly (readonly [string, (endpoint: EndpointRecord) => string | number | null | undefined])[] = [
  ['ip', (e) => e.ip],
  ['hostname', (e) => e.hostname],
  ['port', (e) => e.port],
  ['transport', (e) => e.transport],
  ['state', (e) => e.state],
  ['reason', (e) => e.reason],
  ['rtt_ms', (e) => e.rtt],
  ['service', (e) => e.service?.name],
  ['product', (e) => e.service?.product],
  ['version', (e) => e.service?.version],
  ['info', (e) => e.service?.info],
  ['cpe', (e) => e.service?.cpe.join(' ')],
  ['method', (e) => e.service?.method],
  ['confidence', (e) => e.service?.confidence],
  ['tls_protocol', (e) => (e.service?.tls ?? e.service?.startTls)?.protocol],
  ['tls_subject', (e) => e.service && certificateOf(e.service)?.subject],
  ['tls_names', (e) => e.service && certificateOf(e.service)?.names.join(' ')],
  ['tls_not_after', (e) => e.service && certificateOf(e.service)?.notAfter],
]

/** RFC 4180: a header, CRLF line ends. Safe to open in a spreadsheet. */
export function createCsvWriter(): ResultWriter {
  return {
    start: () => `${COLUMNS.map(([name]) => name).join(',')}\r\n`,
    endpoint: (endpoint) => `${COLUMNS.map(([, read]) => csvCell(read(endpoint))).join(',')}\r\n`,
    end: () => '',
  }
}

/** What a spreadsheet takes for the start of a formula, after white space and in full-width form too. */
const FORMULA = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/** Text a server sent must stay text: what would start a formula gets an apostrophe in front. */
export function csvCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
