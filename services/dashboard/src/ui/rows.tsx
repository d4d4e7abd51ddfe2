/** A table of any length: only the lines in sight exist. A hundred thousand scroll like ten. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Column } from './table.tsx'

/** Pixels, as --row in design/tokens.css. */
const LINE = 36
/** Lines before the end at which more are asked for. */
const AHEAD = 400

export type RowColumn<T> = Column<T> & {
  /** A width of CSS grid: `120px`, `2fr`. */
  readonly width: string
}

type RowsProps<T> = {
  readonly label: string
  readonly columns: readonly RowColumn<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  /** Called while the end is near and there may be more. */
  readonly onEnd?: (() => unknown) | undefined
  readonly empty?: ReactNode
}

export function Rows<T>({ label, columns, rows, keyOf, onEnd, empty }: RowsProps<T>) {
  const box = useRef<HTMLDivElement>(null)
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE,
    overscan: 12,
  })
  const shown = lines.getVirtualItems()
  const end = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (onEnd && end + AHEAD >= rows.length) onEnd()
  }, [onEnd, end, rows.length])
  const widths = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') }
  if (rows.length === 0) return empty
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div ref={box} className="rows" role="table" aria-label={label} aria-rowcount={rows.length + 1} tabIndex={0}>
      <div role="rowgroup">
        <div className="rows-head" role="row" aria-rowindex={1} style={widths}>
          {columns.map(({ name, numeric }) => (
            <span key={name} role="columnheader" className={numeric ? 'number' : ''}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div className="rows-body" role="rowgroup" style={{ height: lines.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const row = rows[index]
          return row === undefined ? null : (
            <Line
              key={keyOf(row)}
              row={row}
              index={index}
              columns={columns}
              style={{ ...widths, transform: `translateY(${start}px)` }}
            />
          )
        })}
      </div>
    </div>
  )
}

type LineProps<T> = {
  readonly row: T
  readonly index: number
  readonly columns: readonly RowColumn<T>[]
  readonly style: Readonly<Record<string, string>>
}

function Line<T>({ row, index, columns, style }: LineProps<T>) {
  return (
    <div className="rows-line" role="row" aria-rowindex={index + 2} style={style}>
      {columns.map(({ name, numeric, cell }) => (
        <span key={name} role="cell" className={numeric ? 'number' : ''}>
          {cell(row)}
        </span>
      ))}
    </div>
  )
}
