import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runAs } from './account.ts'

/**
 * What PostgreSQL writes into its own pid file: process id in line 1, when it started in line 3, port in line 4, status
 * in line 8.
 */
export type Postmaster = {
  readonly pid: number
  readonly started: string
  readonly port: number
  readonly ready: boolean
}

const pidFile = (directory: string) => path.join(directory, 'postmaster.pid')

export function readPostmaster(directory: string): Postmaster | null {
  try {
    const lines = readFileSync(pidFile(directory), 'utf8').split('\n')
    const [pid, , started = '', port, , , , status] = lines
    return { pid: Number(pid), started, port: Number(port), ready: status?.trim() === 'ready' }
  } catch {
    return null
  }
}

/** Milliseconds for what a server leaves behind to finish what it was doing, and then to obey. */
const PATIENCE = 10_000

/**
 * Ends a server that survived the process that started it, and waits for what a killed server left behind: its children
 * finish the statement they were at, commit and answer, and a second server beside them would lose what they write.
 * Removes a pid file whose number belongs to somebody else by now, which PostgreSQL itself cannot tell; of any other it
 * makes sure by itself that nobody uses the data any more.
 */
export async function clearOrphan(directory: string): Promise<void> {
  const orphan = readPostmaster(directory)
  if (orphan === null) return
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!serves(orphan.pid, directory)) break
    end(orphan.pid, signal)
    for (let waited = 0; waited < 5_000 && serves(orphan.pid, directory); waited += 20) await sleep(20)
  }
  if (serves(orphan.pid, directory)) throw new Error(`PostgreSQL (process ${orphan.pid}) in ${directory} does not stop`)
  await clearChildren(directory)
  if (isAlive(orphan.pid)) rmSync(pidFile(directory), { force: true })
}

async function clearChildren(directory: string): Promise<void> {
  for (let waited = 0; waited < 2 * PATIENCE; waited += 20) {
    const left = servers(directory)
    if (left.length === 0) return
    if (waited === PATIENCE) for (const pid of left) end(pid, 'SIGQUIT')
    await sleep(20)
  }
  throw new Error(`processes of a PostgreSQL that was killed still use ${directory}`)
}

/** Gone since we looked: all the better. */
function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Every process of a server on this directory. None where the system does not tell. */
function servers(directory: string): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => serves(pid, directory))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
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
