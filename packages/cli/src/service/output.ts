/** Rows of a service's answer as a table for people, or as JSON for programs. */
import { clean } from '@portolan/core/detect/text.ts'
import { type Column as Columns, columns } from '@portolan/core/format/columns.ts'
import type { Options } from '../command-spec.ts'
import { choiceOption, flagOption } from '../read-options.ts'
import { openTerminal, type Style, type Terminal } from '../terminal.ts'

export type Column<T> = Columns & {
  readonly cell: (row: T) => string | number | null | undefined
  readonly style?: (row: T) => Style | undefined
}

export interface Output {
  readonly terminal: Terminal
  /** `none` is said instead of an empty table. */
  list<T>(rows: readonly T[], shape: readonly Column<T>[], none: string): void
  /** One thing: its table has one row. */
  one<T>(row: T, shape: readonly Column<T>[]): void
  /** For people; programs get the thing itself. */
  said(line: string, thing: unknown): void
}

export function createOutput(options: Options): Output {
  const format = choiceOption(options, 'format', ['table', 'json', 'ndjson']) ?? 'table'
  const terminal = openTerminal({ plain: flagOption(options, 'plain') })
  const write = (text: string) => void process.stdout.write(text)
  const json = (thing: unknown) => write(`${JSON.stringify(thing, null, format === 'json' ? 2 : 0)}\n`)
  return {
    terminal,
    list(rows, shape, none) {
      if (format === 'json') return json(rows)
      if (format === 'ndjson') return rows.forEach(json)
      write(rows.length === 0 ? `${none}\n` : table(rows, shape, terminal))
    },
    one(row, shape) {
      if (format === 'table') write(table([row], shape, terminal))
      else json(row)
    },
    said(line, thing) {
      if (format === 'table') write(`${line}\n`)
      else json(thing)
    },
  }
}

function table<T>(rows: readonly T[], shape: readonly Column<T>[], { tableWidth, paint }: Terminal): string {
  const cells = rows.map((row) => shape.map(({ cell }) => clean(String(cell(row) ?? ''), 500)))
  return columns(shape, cells, {
    width: tableWidth,
    paintTitle: (title) => paint('dim', title),
    paint(text, i, j) {
      const row = rows[i]
      const style = row === undefined ? undefined : shape[j]?.style?.(row)
      return style === undefined ? text : paint(style, text)
    },
  })
}

/** `2026-11-26 12:00`, in UTC, as every moment the commands print. */
export const minute = (moment: string | null | undefined): string =>
  moment ? moment.slice(0, 16).replace('T', ' ') : ''
