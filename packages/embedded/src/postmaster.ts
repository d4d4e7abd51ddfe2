import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runAs } from './account.ts'

/** What PostgreSQL writes into its own pid file: process id in line 1, port in line 4, status in line 8. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean }

const pidFile = (directory: string) => path.join(directory, 'postmaster.pid')

export function readPostmaster(directory: string): Postmaster | null {
  try {
    const lines = readFileSync(pidFile(directory), 'utf8').split('\n')
    return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
  } catch {
    return null
  }
}

/**
 * Ends a server that survived the process that started it, and removes a pid file that survived its server: the number
 * in it may belong to anybody by now, which PostgreSQL itself cannot tell.
 */
export async function clearOrphan(directory: string): Promise<void> {
  const orphan = readPostmaster(directory)
  if (orphan === null) return
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!serves(orphan.pid, directory)) break
    process.kill(orphan.pid, signal)
    for (let waited = 0; waited < 5_000 && serves(orphan.pid, directory); waited += 20) await sleep(20)
  }
  if (serves(orphan.pid, directory)) throw new Error(`PostgreSQL (process ${orphan.pid}) in ${directory} does not stop`)
  rmSync(pidFile(directory), { force: true })
}

/** Whether the process is a PostgreSQL server on this directory: it makes the directory its own working one. */
function serves(pid: number, directory: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === directory
    return runAs(null, 'ps', ['-o', 'command=', '-p', String(pid)]).stdout.includes(directory)
  } catch {
    return false
  }
}
