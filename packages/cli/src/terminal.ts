/** What may be drawn where: colours, width, progress. */
import { type CliEnv, readCliEnv } from './env.ts'

export type Terminal = {
  /** For sentences. Columns of standard output, or of the terminal standard error is on; else what COLUMNS says, or 100. */
  readonly width: number
  /** For tables on standard output: infinite in a pipe or file, whose reader wants all of every cell. */
  readonly tableWidth: number
  /** For lines on standard error, as it is now: people resize their windows. Infinite where it is no terminal. */
  readonly errorWidth: number
  readonly paint: (style: Style, text: string) => string
  readonly paintError: (style: Style, text: string) => string
  /** May a line be drawn over and over on standard error? */
  readonly live: boolean
}

export type TerminalOptions = {
  /** For screen readers and logs: no colour, nothing drawn over, whole sentences. */
  readonly plain?: boolean
  readonly quiet?: boolean
}

const CODES = { good: 32, warn: 33, bad: 31, dim: 2, strong: 1 } as const
export type Style = keyof typeof CODES

/** Columns of a terminal that does not say. */
const UNKNOWN = 100

export function openTerminal(
  { plain = false, quiet = false }: TerminalOptions = {},
  env: CliEnv = readCliEnv(),
): Terminal {
  const { stdout, stderr } = process
  const painter = (tty: boolean) => {
    const colour = !plain && !env.noColor && (env.forceColor || (tty && !env.dumb))
    return (style: Style, text: string) => (colour && text !== '' ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text)
  }
  return {
    width: (stdout.isTTY ? stdout.columns : stderr.isTTY ? stderr.columns : env.columns) || UNKNOWN,
    tableWidth: stdout.isTTY ? stdout.columns || UNKNOWN : Infinity,
    get errorWidth() {
      return stderr.isTTY ? stderr.columns || UNKNOWN : Infinity
    },
    paint: painter(stdout.isTTY),
    paintError: painter(stderr.isTTY),
    live: stderr.isTTY && !plain && !quiet && !env.dumb,
  }
}
