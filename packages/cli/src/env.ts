/** What the environment says to the command line; the only place that reads it. */
import { homedir } from 'node:os'
import path from 'node:path'

export type CliEnv = {
  /** https://no-color.org */
  readonly noColor: boolean
  readonly forceColor: boolean
  /** A terminal that cannot move its cursor. */
  readonly dumb: boolean
  /** Width of the lines where there is no terminal to ask. */
  readonly columns: number | undefined
  /** Where defaults for options are kept. */
  readonly configFile: string
}

export function readCliEnv(env: NodeJS.ProcessEnv = process.env): CliEnv {
  const { NO_COLOR, FORCE_COLOR, TERM, COLUMNS, PORTOLAN_CONFIG, XDG_CONFIG_HOME } = env
  const config = XDG_CONFIG_HOME || path.join(homedir(), '.config')
  return {
    noColor: Boolean(NO_COLOR),
    forceColor: FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0',
    dumb: TERM === 'dumb',
    columns: Number(COLUMNS) > 0 ? Number(COLUMNS) : undefined,
    configFile: PORTOLAN_CONFIG || path.join(config, 'portolan', 'config.json'),
  }
}
