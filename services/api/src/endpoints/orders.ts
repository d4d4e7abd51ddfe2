import type { Parameters } from './compile-query.ts'
import type { SearchSort } from './schema.ts'

/** Where a page starts: the sort key of the last row of the page before, as text. */
export type SearchPosition = readonly string[]

/** An order of the rows of `e`, as SQL. */
export interface Order {
  readonly by: string
  /** The key of a row, an array of text. */
  readonly mark: string
  /** A condition: after the row with this key. */
  behind(position: SearchPosition | null, add: Parameters['add']): string
}

type Column = readonly [column: string, type: string]

const PLACE: readonly Column[] = [
  ['e.transport', 'transport'],
  ['e.vantage', 'text'],
]

/** Each runs along an index of `endpoints`. */
export const ORDERS: Readonly<Record<SearchSort, Order>> = {
  ip: orderOf([['e.ip', 'inet'], ['e.port', 'int'], ...PLACE]),
  port: orderOf([['e.port', 'int'], ['e.ip', 'inet'], ...PLACE]),
  changed: orderOf(
    [
      ['e.last_changed', 'timestamptz'],
      ['e.id', 'uuid'],
    ],
    true,
  ),
}

function orderOf(columns: readonly Column[], descending = false): Order {
  const names = columns.map(([name]) => name)
  return {
    by: names.map((name) => `${name}${descending ? ' DESC' : ''}`).join(', '),
    mark: `ARRAY[${names.map((name) => `${name}::text`).join(', ')}]`,
    behind(position, add) {
      if (position === null) return 'true'
      const start = columns.map(([, type], i) => `${add(position[i])}::${type}`).join(', ')
      return `(${names.join(', ')}) ${descending ? '<' : '>'} (${start})`
    },
  }
}
