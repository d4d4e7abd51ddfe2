import type { ReactNode } from 'react'

export type Column<T> = {
  readonly name: string
  readonly cell: (row: T) => ReactNode
  /** Right-aligned, digits of one width. */
  readonly numeric?: boolean
  /** As narrow as its contents. */
  readonly fit?: boolean
}

type TableProps<T> = {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
}

/** For tens of rows; thousands belong into Rows. */
export function Table<T>({ label, columns, rows, keyOf }: TableProps<T>) {
  const kind = ({ numeric, fit }: Column<T>) => `${numeric ? 'number' : ''} ${fit ? 'fit' : ''}`
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-scroll" aria-label={label} tabIndex={0}>
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={kind(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} className={kind(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
