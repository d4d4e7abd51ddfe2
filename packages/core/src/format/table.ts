/** Results for people: a block a host, columns that fit the terminal. */
import { clean } from '#core/detect/text.ts'
import { columnLines } from './columns.ts'
import { wrapText } from './display-width.ts'
import { certificateOf, type EndpointRecord, serviceLine } from './endpoint-record.ts'

export type TableOptions = {
  /** Columns of the terminal. */
  readonly width?: number
  /** Wraps a cell in colour, or returns it as it is. */
  readonly paint?: (cell: string, endpoint: EndpointRecord) => string
  /** Adds a column that says why a port has its state, and how long the answer took. */
  readonly reasons?: boolean
  /** Adds a column that says from which vantage. */
  readonly places?: boolean
}

const STATE = 1

/** The endpoints of one host as lines: a heading, then a row a port. `endpoints` must not be empty. */
export function hostTable(
  endpoints: readonly EndpointRecord[],
  { width = 100, paint = (cell) => cell, reasons = false, places = false }: TableOptions = {},
): string {
  const [first] = endpoints
  const name = first?.hostname ? ` (${clean(first.hostname)})` : ''
  const shape = [
    { title: 'PORT' },
    { title: 'STATE' },
    ...(reasons ? [{ title: 'REASON' }] : []),
    ...(places ? [{ title: 'FROM' }] : []),
    { title: 'SERVICE' },
    { title: 'VERSION', least: 24 },
  ]
  const rows = endpoints.map((endpoint) => cells(endpoint, { reasons, places }))
  const painted = (cell: string, row: number, column: number) => {
    const endpoint = endpoints[row]
    return column === STATE && endpoint ? paint(cell, endpoint) : cell
  }
  const heading = wrapText(`${first?.ip ?? ''}${name}`, width)
  return [...heading, ...columnLines(shape, rows, { width, paint: painted })].join('\n')
}

type Shown = { readonly reasons: boolean; readonly places: boolean }

function cells(endpoint: EndpointRecord, { reasons, places }: Shown): readonly string[] {
  const { port, transport, state, reason, rtt, service, vantage } = endpoint
  const why = reasons ? [clean(rtt === null ? reason : `${reason} ${rtt.toFixed(1)} ms`, 40)] : []
  const start = [`${port}/${transport}`, state, ...why, ...(places ? [clean(vantage ?? '', 63)] : [])]
  if (!service) return [...start, '', '']
  const { name, method, tls } = service
  // A question mark for names nobody has proven, as nmap users know it.
  const label = method === 'table' ? `${clean(name, 24)}?` : `${tls ? 'tls/' : ''}${clean(name, 24)}`
  const certificate = certificateOf(service)
  const expired = certificate?.expired ? 'certificate expired' : null
  const names = certificate?.names.slice(0, 2).join(' ')
  return [...start, label, clean([serviceLine(service), expired, names].filter(Boolean).join('  '), 400)]
}
