/** Results for people: a block a host, columns that fit the terminal. */
import { clean } from '#core/detect/text.ts'
import { displayWidth, fitText } from './display-width.ts'
import { type EndpointRecord, serviceLine } from './endpoint-record.ts'

export type TableOptions = {
  /** Columns of the terminal. */
  readonly width?: number
  /** Wraps a cell in colour, or returns it as it is. */
  readonly paint?: (cell: string, endpoint: EndpointRecord) => string
}

const HEAD = ['PORT', 'STATE', 'SERVICE', 'VERSION'] as const
const GAP = 2

/** The endpoints of one host as lines: a heading, then a row a port. `endpoints` must not be empty. */
export function hostTable(endpoints: readonly EndpointRecord[], { width = 100, paint }: TableOptions = {}): string {
  const [first] = endpoints
  const name = first?.hostname ? ` (${clean(first.hostname)})` : ''
  const rows = endpoints.map(cells)
  const widths = HEAD.slice(0, 3).map((head, i) =>
    Math.max(head.length, ...rows.map((row) => displayWidth(row[i] ?? ''))),
  )
  const left = width - widths.reduce((sum, w) => sum + w + GAP, 0)
  const line = (row: readonly string[], endpoint?: EndpointRecord) => {
    const fixed = row.slice(0, 3).map((cell, i) => {
      const padded = cell + ' '.repeat((widths[i] ?? 0) - displayWidth(cell) + GAP)
      return endpoint && paint && i === 1 ? padded.replace(cell, paint(cell, endpoint)) : padded
    })
    return (fixed.join('') + fitText(row[3] ?? '', Math.max(8, left))).trimEnd()
  }
  return [`${first?.ip ?? ''}${name}`, line(HEAD), ...rows.map((row, i) => line(row, endpoints[i]))].join('\n')
}

function cells({ port, transport, state, service }: EndpointRecord): readonly string[] {
  if (!service) return [`${port}/${transport}`, state, '', '']
  const { name, method, tls } = service
  // A question mark for names nobody has proven, as nmap users know it.
  const label = `${tls && !/^https|s$/.test(name) ? 'tls/' : ''}${clean(name, 24)}${method === 'table' ? '?' : ''}`
  const names = tls?.certificate?.names.slice(0, 2).join(' ')
  const expired = tls?.certificate?.expired ? 'certificate expired' : null
  return [
    `${port}/${transport}`,
    state,
    label,
    clean([serviceLine(service), expired, names].filter(Boolean).join('  '), 400),
  ]
}
