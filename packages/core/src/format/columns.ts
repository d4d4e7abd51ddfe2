/**
 * Rows of cells as lines that fit the terminal: columns as wide as what is in them; where that is too much, columns of
 * words become narrower; where that is not enough, every row becomes a record of `TITLE  value` lines, with nothing cut.
 */
import { displayWidth, fitText, wrapText } from './display-width.ts'

export type Column = {
  readonly title: string
  /** May be cut down to so many columns. Left out: never cut, as of an address or an id, which is useless in part. */
  readonly least?: number
  /** Left out on a terminal where nothing, or `-`, is in it; programs that read a pipe count columns. */
  readonly optional?: boolean
}

export type ColumnOptions = {
  /** Columns of the terminal; infinite where nobody's eye is the limit, such as in a pipe. */
  readonly width: number
  /** Wraps a cell, or a piece of one, in colour, or returns it as it is. */
  readonly paint?: (cell: string, row: number, column: number) => string
  readonly paintTitle?: (title: string) => string
}

type Rows = readonly (readonly string[])[]
type Paints = Required<Omit<ColumnOptions, 'width'>>

const GAP = 2
const INDENT = '  '
/** Values of a record are wrapped at this width, however narrow the terminal. */
const NARROWEST = 8

/** Lines without their ends; the titles come first, unless rows are records. */
export function columnLines(all: readonly Column[], allRows: Rows, options: ColumnOptions): readonly string[] {
  const { width, paint: paintAny = (cell) => cell, paintTitle = (title) => title } = options
  const says = (cell = '') => cell !== '' && cell !== '-'
  const leftOut = ({ optional }: Column, i: number) =>
    optional && width < Infinity && !allRows.some((row) => says(row[i]))
  const kept = all.flatMap((column, i) => (leftOut(column, i) ? [] : [i]))
  const shape = kept.flatMap((i) => all[i] ?? [])
  const rows = allRows.map((row) => kept.map((i) => row[i] ?? ''))
  const paint: Paints['paint'] = (cell, row, column) => paintAny(cell, row, kept[column] ?? column)
  const paints = { paint, paintTitle }
  const widest = shape.map(({ title }, i) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), displayWidth(title)),
  )
  const fitted = fit(shape, widest, width)
  if (fitted === null) return rows.flatMap((row, i) => record(shape, row, { ...paints, row: i, width }))
  const line = (row: readonly string[], painted: (cell: string, column: number) => string) =>
    row
      .map((cell, i) => {
        const text = fitText(cell, fitted[i] ?? 0)
        const padding = i === row.length - 1 ? 0 : (fitted[i] ?? 0) - displayWidth(text) + GAP
        return painted(text, i) + ' '.repeat(padding)
      })
      .join('')
      .trimEnd()
  const titles = shape.map(({ title }) => title)
  return [line(titles, paintTitle), ...rows.map((row, i) => line(row, (cell, column) => paint(cell, i, column)))]
}

/** As one text. */
export function columns(shape: readonly Column[], rows: Rows, options: ColumnOptions): string {
  return columnLines(shape, rows, options)
    .map((line) => `${line}\n`)
    .join('')
}

/** Takes from the widest column that can spare something, one by one; null when that is not enough. */
function fit(shape: readonly Column[], widest: readonly number[], width: number): readonly number[] | null {
  const widths = [...widest]
  const least = shape.map((column, i) => Math.max(displayWidth(column.title), column.least ?? widest[i] ?? 0))
  let over = widths.reduce((sum, used) => sum + used + GAP, -GAP) - width
  for (; over > 0; over--) {
    let from = -1
    for (const [i, used] of widths.entries())
      if (used > (least[i] ?? 0) && (from < 0 || used > (widths[from] ?? 0))) from = i
    if (from < 0) return null
    widths[from] = (widths[from] ?? 0) - 1
  }
  return widths
}

/** The cells that are never cut, up to the first one that is, say what the record is about; the others are named. */
function record(
  shape: readonly Column[],
  row: readonly string[],
  { paint, paintTitle, row: i, width }: Paints & { readonly row: number; readonly width: number },
): readonly string[] {
  const heads = Math.max(
    1,
    shape.findIndex(({ least }) => least !== undefined),
  )
  const titles = shape.slice(heads).reduce((most, { title }) => Math.max(most, displayWidth(title)), 0)
  const wide = (taken: number) => Math.max(NARROWEST, width - taken)
  const head = row.slice(0, heads).filter((cell) => cell !== '')
  const fits = displayWidth(head.join(INDENT)) <= width
  const first = row.slice(0, heads).map((cell, j) => ({ cell, j }))
  const told = first.filter(({ cell }) => cell !== '')
  const lines = fits
    ? [told.map(({ cell, j }) => paint(cell, i, j)).join(INDENT)]
    : told.flatMap(({ cell, j }) => wrapText(cell, wide(0)).map((part) => paint(part, i, j)))
  const indent = INDENT.length + titles + GAP
  for (const [k, { title }] of shape.slice(heads).entries())
    for (const [n, part] of wrapText(row[heads + k] ?? '', wide(indent)).entries()) {
      const label = n === 0 ? paintTitle(title) + ' '.repeat(titles - displayWidth(title)) : ' '.repeat(titles)
      lines.push(`${INDENT}${label}${' '.repeat(GAP)}${paint(part, i, heads + k)}`)
    }
  return lines
}
