/** What the first page makes a browser load, from the files that the build wrote. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const BUILT = path.resolve(import.meta.dirname, '../../services/dashboard/dist')
/** Bytes, gzipped. */
const MOST = 350_000

/** `./x.js` of `import { a } from "./x.js"` and of `import "./x.js"`, not of `import("./x.js")`. */
const STATIC = /(?:\bfrom|\bimport)\s*["'](\.\/[^"']+)["']/g

/** The script and everything it cannot run without. */
function withImports(name: string, known: Set<string>): Set<string> {
  if (known.has(name)) return known
  known.add(name)
  const text = readFileSync(path.join(BUILT, 'assets', name), 'utf8')
  for (const [, found = ''] of text.matchAll(STATIC)) withImports(path.basename(found), known)
  return known
}

test('the sign-in and the overview take at most 350 KB gzipped, styles and picture included', () => {
  const page = readFileSync(path.join(BUILT, 'index.html'), 'utf8')
  const named = [...page.matchAll(/(?:src|href)="\/([^"]+\.\w+)"/g)].map(([, name = '']) => name)
  const scripts = new Set<string>()
  for (const name of named) if (/^assets\/.*\.js$/.test(name)) withImports(path.basename(name), scripts)
  const overview = readdirSync(path.join(BUILT, 'assets')).filter((name) => /^overview-.*\.js$/.test(name))
  expect(overview).toHaveLength(1)
  for (const name of overview) withImports(name, scripts)
  const files = new Set(['index.html', ...named, ...[...scripts].map((name) => `assets/${name}`)])
  const sizes = [...files].map((name) => gzipSync(readFileSync(path.join(BUILT, name))).length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  // A chunk that none of the patterns above finds would make this pass for the wrong reason.
  expect(total).toBeGreaterThan(80_000)
  expect(total).toBeLessThanOrEqual(MOST)
})
