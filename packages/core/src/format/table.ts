/** Results for people: a block a host, columns that fit the terminal. */
import { clean } from '#core/detect/text.ts'
import { displayWidth, fitText } from './display-width.ts'
import { certificateOf, type EndpointRecord, serviceLine } from './endpoint-record.ts'

export type TableOptions = {
  /** Columns of the terminal. */
  readonly width?: number
  /** Wraps a cell in colour, or returns it as it is. */
  readonly paint?: (cell: string, endpoint: EndpointRecord) => string
  /** Adds a column that says why a port has its state, and how long the answer took. */
  readonly reasons?: boolean
}

const STATE = 1
const GAP = 2
/** The last column is at least this wide, on however narrow a terminal. */
const LEAST = 8

/** The endpoints of one host as lines: a heading, then a row a port. `endpoints` must not be empty. */
export function hostTable(
  endpoints: readonly EndpointRecord[],
  { width = 100, paint = (cell) => cell, reasons = false }: TableOptions = {},
): string {
  const [first] = endpoints
  const name = first?.hostname ? ` (${clean(first.hostname)})` : ''
  const head = ['PORT', 'STATE', ...(reasons ? ['REASON'] : []), 'SERVICE', 'VERSION']
  const rows = endpoints.map((endpoint) => cells(endpoint, reasons))
  const widths = head.map((_, i) =>
    [head, ...rows].reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), 0),
  )
  const last = head.length - 1
  const left = width - widths.slice(0, last).reduce((sum, w) => sum + w + GAP, 0)
  const line = (row: readonly string[], painted: (cell: string) => string) =>
    row
      .map((cell, i) => {
        const text = i === last ? fitText(cell, Math.max(LEAST, left)) : cell
        const padding = i === last ? '' : ' '.repeat((widths[i] ?? 0) - displayWidth(cell) + GAP)
        return (i === STATE ? painted(text) : text) + padding
      })
      .join('')
      .trimEnd()
  const lines = rows.map((row, i) => line(row, (cell) => (endpoints[i] ? paint(cell, endpoints[i]) : cell)))
  return [`${first?.ip ?? ''}${name}`, line(head, (cell) => cell), ...lines].join('\n')
}

function cells({ port, transport, state, reason, rtt, service }: EndpointRecord, reasons: boolean): readonly string[] {
  const why = reasons ? [clean(rtt === null ? reason : `${reason} ${rtt.toFixed(1)} ms`, 40)] : []
  const start = [`${port}/${transport}`, state, ...why]
  if (!service) return [...start, '', '']
  const { name, method, tls } = service
  // A question mark for names nobody has proven, as nmap users know it.
  const label = method === 'table' ? `${clean(name, 24)}?` : `${tls ? 'tls/' : ''}${clean(name, 24)}`
  const certificate = certificateOf(service)
  const expired = certificate?.expired ? 'certificate expired' : null
  const names = certificate?.names.slice(0, 2).join(' ')
  return [...start, label, clean([serviceLine(service), expired, names].filter(Boolean).join('  '), 400)]
}
