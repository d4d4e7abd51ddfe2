import { spawnSync } from 'node:child_process'
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Another running process holds the directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
  readonly pid: number
  constructor(directory: string, pid: number) {
    super(`${directory} is in use by process ${pid}`)
    this.pid = pid
  }
}

/**
 * Takes the directory for this process. The lock names its holder by process id *and* start time, so it needs no
 * clearing after kill -9, even when the number has been given to another process since. Returns the release.
 */
export function lockDirectory(directory: string): () => void {
  const lock = path.join(directory, 'lock')
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  const draft = `${lock}.${process.pid}`
  writeFileSync(draft, mine)
  try {
    // Five: each round somebody else has to win a race in between.
    for (let round = 0; round < 5; round++) {
      if (linked(draft, lock)) return () => read(lock) === mine && unlinkSync(lock)
      clearStale(directory, lock)
    }
    throw new Error(`cannot lock ${directory}: too many processes want it`)
  } finally {
    unlinkSync(draft)
  }
}

function clearStale(directory: string, lock: string): void {
  const held = read(lock)
  if (held === null) return
  const [pid, start] = held.trim().split(/ (.*)/)
  if (start && startOf(Number(pid)) === start) throw new DirectoryInUse(directory, Number(pid))
  // Two processes may find the same stale lock, so it is moved away first: whoever catches a fresh one puts it back.
  const caught = `${lock}.${process.pid}.stale`
  try {
    renameSync(lock, caught)
  } catch {
    return
  }
  if (read(caught) !== held) linked(caught, lock)
  unlinkSync(caught)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** When the process started, in words that are the same at every call; empty when there is no such process. */
function startOf(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 0) return ''
  if (process.platform !== 'linux') {
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()
  }
  // Field 22 of stat, in ticks since boot; the second field may contain blanks and parentheses itself.
  const stat = read(`/proc/${pid}/stat`)
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks === undefined ? '' : `${read('/proc/sys/kernel/random/boot_id')?.trim()} ${ticks}`
}
