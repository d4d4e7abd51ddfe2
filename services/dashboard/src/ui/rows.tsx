/** A table of any length: only the lines in sight exist. A hundred thousand scroll like ten. */
import { type CSSProperties, memo, type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import type { Column } from './table.tsx'

/** Pixels, as --row in design/tokens.css. */
const LINE = 36
/** Lines kept above and below those in sight, so that a page up or down is drawn already. */
const SPARE = 24
/** The lines that exist change by so many at a time: between two changes, scrolling costs the page nothing. */
const STEP = 12
/** Lines before the end at which more are asked for. */
const AHEAD = 400

export type RowColumn<T> = Column<T> & {
  /** A width of CSS grid: `120px`, `2fr`. */
  readonly width: string
}

type RowsProps<T> = {
  readonly label: string
  /** The same array as long as nothing about them changes: lines are drawn anew when it is another. */
  readonly columns: readonly RowColumn<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  /** Called while the end is near and there may be more. */
  readonly onEnd?: (() => unknown) | undefined
  readonly empty?: ReactNode
}

export function Rows<T>(props: RowsProps<T>) {
  return props.rows.length === 0 ? props.empty : <Lines {...props} />
}

function Lines<T>({ label, columns, rows, keyOf, onEnd }: RowsProps<T>) {
  const box = useRef<HTMLDivElement>(null)
  const from = useFirstLine(box)
  const shown = rows.slice(from, from + useLinesInSight(box) + 2 * SPARE + STEP)
  const end = from + shown.length
  useEffect(() => {
    if (onEnd && end + AHEAD >= rows.length) onEnd()
  }, [onEnd, end, rows.length])
  const style = useMemo(() => styleOf(columns), [columns])
  return (
    <div
      ref={box}
      className="rows"
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      style={style}
    >
      <div role="rowgroup">
        <div className="rows-head" role="row" aria-rowindex={1}>
          {columns.map(({ name, numeric }) => (
            <span key={name} role="columnheader" className={numeric ? 'number' : ''}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div
        className="rows-body"
        role="rowgroup"
        style={{ height: rows.length * LINE, paddingTop: Math.min(from, rows.length) * LINE }}
      >
        {shown.map((row, i) => (
          <MemoLine key={keyOf(row)} row={row} index={from + i} columns={columns} />
        ))}
      </div>
    </div>
  )
}

const styleOf = (columns: readonly { readonly width: string }[]) =>
  // because React's types know no properties that a style sheet makes up
  ({ '--columns': columns.map(({ width }) => width).join(' ') }) as CSSProperties

/** The first line that is to exist, for where the box is scrolled to. */
function useFirstLine(box: RefObject<HTMLElement | null>): number {
  const [from, setFrom] = useState(0)
  useEffect(() => {
    const place = box.current
    if (!place) return
    const look = () => setFrom(Math.max(0, Math.floor((place.scrollTop / LINE - SPARE) / STEP) * STEP))
    place.addEventListener('scroll', look, { passive: true })
    return () => place.removeEventListener('scroll', look)
  }, [box])
  return from
}

function useLinesInSight(box: RefObject<HTMLElement | null>): number {
  const [lines, setLines] = useState(() => Math.ceil((window.innerHeight * 0.7) / LINE))
  useEffect(() => {
    const place = box.current
    if (!place) return
    const watch = new ResizeObserver(() => setLines(Math.ceil(place.clientHeight / LINE)))
    watch.observe(place)
    return () => watch.disconnect()
  }, [box])
  return lines
}

type LineProps<T> = {
  readonly row: T
  readonly index: number
  readonly columns: readonly RowColumn<T>[]
}

function Line<T>({ row, index, columns }: LineProps<T>) {
  return (
    <div className="rows-line" role="row" aria-rowindex={index + 2}>
      {columns.map(({ name, numeric, fit, cell }) => (
        <span key={name} role="cell" className={numeric ? 'number' : fit ? 'fit' : ''}>
          {cell(row)}
        </span>
      ))}
    </div>
  )
}

// because memo forgets the type parameter
const MemoLine = memo(Line) as typeof Line
