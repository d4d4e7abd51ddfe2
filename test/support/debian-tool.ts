import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface Tool {
  readonly file: string
  /** Where a Python program that is not installed finds its modules. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Unpacked packages stay for the next run. */
const SHELF = path.join(tmpdir(), 'portolan-test-tools')
/** Milliseconds a mirror has to give a package of some hundred kilobytes. */
const PATIENCE = 30_000

/**
 * A program of the same name as its place in a Debian package: the installed one, else the package's own, unpacked into a
 * folder and installed nowhere. Null where there is neither the program nor apt-get with a mirror.
 */
export function debianTool(name: string, inPackage = name): Tool | null {
  const installed = (process.env.PATH ?? '').split(path.delimiter).find((at) => existsSync(path.join(at, name)))
  if (installed !== undefined) return { file: path.join(installed, name), env: process.env }
  const root = path.join(SHELF, inPackage)
  if (!existsSync(root) && !unpack(inPackage, root)) return null
  const file = path.join(root, 'usr/bin', name)
  const env = { ...process.env, PYTHONPATH: path.join(root, 'usr/lib/python3/dist-packages') }
  // 127: a library of the system is missing.
  return existsSync(file) && spawnSync(file, ['--help'], { env, stdio: 'ignore' }).status !== 127 ? { file, env } : null
}

function unpack(inPackage: string, root: string): boolean {
  mkdirSync(SHELF, { recursive: true })
  const folder = mkdtempSync(path.join(SHELF, 'new-'))
  try {
    const options = { cwd: folder, stdio: 'ignore', timeout: PATIENCE } as const
    const fetched = spawnSync('apt-get', ['download', '-q', inPackage], options).status === 0
    const deb = readdirSync(folder).find((file) => file.endsWith('.deb'))
    if (!fetched || deb === undefined || spawnSync('dpkg', ['-x', deb, 'root'], options).status !== 0) return false
    // Whoever was quicker has left the same.
    if (!existsSync(root)) renameSync(path.join(folder, 'root'), root)
    return true
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
