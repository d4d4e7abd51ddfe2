import { chmodSync, existsSync, mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { canEnter, serverAccount } from './account.ts'

export type DataDirectory = {
  readonly path: string
  /** What to tell the user, when it is not where they would look for it. */
  readonly note: string | null
}

/** Used by root when the working directory is one that the account of the database server cannot enter. */
const ELSEWHERE = '/var/lib/portolan'

/**
 * Makes sure there is a directory for the data that the database server can reach. `wanted` is taken or refused with
 * an error; unset, it is `.portolan` in the working directory, or, for root in a private place, one in /var/lib.
 */
export function dataDirectory(wanted: string | undefined, { elsewhere = ELSEWHERE } = {}): DataDirectory {
  const usual = path.resolve(wanted ?? '.portolan')
  if (reachable(usual)) return { path: realpathSync(usual), note: null }
  const who = serverAccount(usual)?.name ?? 'this user'
  if (wanted !== undefined) throw new Error(`${usual} cannot be entered by ${who}, as which PostgreSQL has to run`)
  if (!reachable(elsewhere)) throw new Error(`neither ${usual} nor ${elsewhere} can be entered by ${who}`)
  return { path: elsewhere, note: `${usual} cannot be entered by ${who}, as which PostgreSQL has to run` }
}

function reachable(directory: string): boolean {
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true })
    // Whatever the umask: what is private in here is so by its own mode.
    chmodSync(directory, 0o755)
  }
  return canEnter(serverAccount(path.join(directory, 'postgres')), directory)
}
