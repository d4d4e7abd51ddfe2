import { readFileSync } from 'node:fs'

let read: string | undefined

/** Of this package, which is Portolan's. */
export function version(): string {
  if (read !== undefined) return read
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  read = manifest.version
  return read
}
