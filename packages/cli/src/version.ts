import { readFileSync } from 'node:fs'

/** The version of the package this file is in. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const named = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null
  return typeof named === 'string' ? named : '0.0.0'
}
