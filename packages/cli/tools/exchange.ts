/**
 * Puts a packed command in the place of the one before, at once and for good, whoever else packs or runs it meanwhile:
 * each lies in a folder named after what is in it, and dist/main.cjs names the one that counts. A command that is running
 * goes on to load from the folder it began with.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Folders that stay, the newest first. */
const KEPT = 3

/** `dir`, a folder in `dist`, becomes what is run. `started`: sources that were saved later are not in it. */
export function exchange(dist: string, dir: string, started: Date): void {
  const name = fingerprint(dir)
  const place = path.join(dist, name)
  try {
    renameSync(dir, place)
  } catch (error) {
    // The same has been packed before, or just now by somebody else.
    if (!existsSync(place)) throw error
    rmSync(dir, { recursive: true })
  }
  utimesSync(place, new Date(), new Date())
  const main = path.join(dist, 'main.cjs')
  const fresh = `${main}.${process.pid}`
  writeFileSync(fresh, `require('../bin/kept-code.cjs')(\`\${__dirname}/${name}\`)\n`)
  utimesSync(fresh, started, started)
  renameSync(fresh, main)
  for (const old of folders(dist).slice(KEPT)) rmSync(path.join(dist, old), { recursive: true, force: true })
}

function fingerprint(dir: string): string {
  const hash = createHash('sha256')
  for (const file of readdirSync(dir).sort()) hash.update(`${file}\n`).update(readFileSync(path.join(dir, file)))
  return hash.digest('hex').slice(0, 12)
}

/** Of finished packings, the newest first. */
function folders(dist: string): string[] {
  const age = (name: string) => statSync(path.join(dist, name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return readdirSync(dist)
    .filter((name) => /^[0-9a-f]{12}$/.test(name))
    .sort((a, b) => age(b) - age(a))
}
