import { displayWidth, fitText } from '@portolan/core/format/display-width.ts'

export type ColumnOptions = {
  readonly width: number
  /** Wraps a cell in colour, or returns it as it is. */
  readonly paint?: (cell: string, row: number, column: number) => string
}

const GAP = 2
/** The last column is at least this wide, on however narrow a terminal. */
const LEAST = 8

/** Rows of cells as aligned lines; what does not fit is cut off the last column. */
export function columns(rows: readonly (readonly string[])[], { width, paint = (cell) => cell }: ColumnOptions) {
  const last = Math.max(0, ...rows.map((row) => row.length - 1))
  const widths = Array.from({ length: last }, (_, i) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), 0),
  )
  const left = Math.max(LEAST, width - widths.reduce((sum, used) => sum + used + GAP, 0))
  const cell = (text: string, row: number, column: number) =>
    column === last
      ? paint(fitText(text, left), row, column)
      : paint(text, row, column) + ' '.repeat((widths[column] ?? 0) - displayWidth(text) + GAP)
  return rows
    .map(
      (row, i) =>
        `${row
          .map((text, j) => cell(text, i, j))
          .join('')
          .trimEnd()}\n`,
    )
    .join('')
}
