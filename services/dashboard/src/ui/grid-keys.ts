/**
 * A table as one stop of the Tab key, whose cells are reached by arrows (the grid pattern of ARIA): Home and End go to the
 * ends of the line, with Ctrl to the ends of the table, Page Up and Page Down ten lines on.
 */
import type { FocusEvent, KeyboardEvent } from 'react'

const PAGE = 10
/** What has the focus in a cell: its control, or the cell where it has none. */
const stopOf = (cell: HTMLTableCellElement | undefined) => cell?.querySelector<HTMLElement>('a, button') ?? cell

type Place = { readonly line: number; readonly column: number }

/** Null: the key is not for moving. What lies outside is cut to the table by the caller. */
function placeFor({ key, ctrlKey, metaKey }: KeyboardEvent, { line, column }: Place): Place | null {
  const far = ctrlKey || metaKey
  switch (key) {
    case 'ArrowUp':
      return { line: line - 1, column }
    case 'ArrowDown':
      return { line: line + 1, column }
    case 'ArrowLeft':
      return { line, column: column - 1 }
    case 'ArrowRight':
      return { line, column: column + 1 }
    case 'PageUp':
      return { line: line - PAGE, column }
    case 'PageDown':
      return { line: line + PAGE, column }
    case 'Home':
      return { line: far ? 0 : line, column: 0 }
    case 'End':
      return { line: far ? Number.MAX_SAFE_INTEGER : line, column: Number.MAX_SAFE_INTEGER }
    default:
      return null
  }
}

const within = (wanted: number, length: number) => Math.max(0, Math.min(wanted, length - 1))

/** For the `onKeyDown` of a `tbody`. */
export function moveInGrid(event: KeyboardEvent<HTMLTableSectionElement>): void {
  const cell = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>('td, th') : null
  const row = cell?.closest('tr')
  if (!cell || !row) return
  const { rows } = event.currentTarget
  const wanted = placeFor(event, { line: row.sectionRowIndex, column: cell.cellIndex })
  if (wanted === null) return
  event.preventDefault()
  const line = rows[within(wanted.line, rows.length)]
  stopOf(line?.cells[within(wanted.column, line.cells.length)])?.focus()
}

/** For its `onFocus`: the cell that has the focus is where Tab comes back to. */
export function keepGridStop({ currentTarget, target }: FocusEvent<HTMLTableSectionElement>): void {
  for (const other of currentTarget.querySelectorAll<HTMLElement>('[tabindex="0"]')) other.tabIndex = -1
  if (target instanceof HTMLElement) target.tabIndex = 0
}
