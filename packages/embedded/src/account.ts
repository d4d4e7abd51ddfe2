import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

/** An unprivileged account of this machine. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number }

/**
 * Under which account the server has to run: PostgreSQL refuses to be root. Null when we are an ordinary user already.
 * A data directory that exists keeps its owner.
 */
export function serverAccount(dataDirectory: string): Account | null {
  if (process.getuid?.() !== 0) return null
  const owner = statSync(dataDirectory, { throwIfNoEntry: false })
  if (owner !== undefined && owner.uid !== 0) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid }
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid !== undefined && uid !== '0') return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL must not run as root, and there is neither a postgres nor a nobody account to run it as')
}

/** Runs a program to its end under the account; our own when null. */
export const runAs = (account: Account | null, program: string, args: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(program, args, {
    encoding: 'utf8',
    cwd: '/',
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  })

/** Whether the account can enter the folder; asks the kernel, so access lists count too. */
export const canEnter = (account: Account | null, folder: string): boolean =>
  account === null || runAs(account, 'test', ['-x', folder]).status === 0
