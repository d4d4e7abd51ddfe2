import type { PortBook } from '#core/target/port-spec.ts'
import type { Transport } from '#core/target/probe-space.ts'
import { wildcard } from '#core/target/wildcard.ts'
import { type IanaEntry, ianaEntry, ianaPorts } from './iana.ts'
import { nearest } from './nearest.ts'
import { PORT_ADVICE, type PortAdvice } from './port-advice.data.ts'
import { rankedPorts } from './top-ports.ts'

/** RFC 6335 section 6: system 0-1023, user 1024-49151, dynamic (never assigned) 49152-65535. */
export type PortClass = 'system' | 'user' | 'dynamic'

/** Everything Portolan knows about a port number before anybody has asked the port itself. */
export type PortFacts = {
  readonly port: number
  readonly transport: Transport
  readonly class: PortClass
  readonly iana: IanaEntry | null
  /** What really runs there and what to do about it; null for a port of no particular fame. */
  readonly advice: PortAdvice | null
  /** Place in the order of common ports, 1 is the most common; null when it is not in it. */
  readonly rank: number | null
}

export function describePort(port: number, transport: Transport): PortFacts {
  const rank = rankedPorts(transport).indexOf(port) + 1
  return {
    port,
    transport,
    class: port < 1024 ? 'system' : port < 49_152 ? 'user' : 'dynamic',
    iana: ianaEntry(port, transport),
    advice: adviceByPort().get(`${transport}/${port}`) ?? null,
    rank: rank > 0 ? rank : null,
  }
}

/** The name a port table gives to a port: what usually runs there, else what IANA registered. Never a finding. */
export function tableName(port: number, transport: Transport): string | null {
  return adviceByPort().get(`${transport}/${port}`)?.name ?? ianaEntry(port, transport)?.name ?? null
}

/** Names people use that are registered under another name, or not at all. */
const NICKNAMES: Readonly<Record<string, string>> = {
  dns: 'domain',
  rdp: 'ms-wbt-server',
  smb: 'microsoft-ds',
  cifs: 'microsoft-ds',
  postgres: 'postgresql',
  mongo: 'mongodb',
  winrm: 'wsman',
  memcached: 'memcache',
  elastic: 'elasticsearch',
  mssql: 'ms-sql-s',
  oracle: 'oracle-tns',
}

/** Names and popularity for the port spec parser. */
export const PORT_BOOK: PortBook = {
  named(name, transport) {
    const registered = ianaPorts(name, transport)
    if (registered.length > 0) return registered
    const matches = wildcard((NICKNAMES[name] ?? name).toLowerCase())
    const ports = NICKNAMES[name] ? ianaPorts(NICKNAMES[name], transport) : []
    if (ports.length > 0) return ports
    return [...adviceByPort()]
      .filter(([key, advice]) => key.startsWith(transport) && matches(advice.name.toLowerCase()))
      .map(([key]) => Number(key.slice(4)))
  },
  top: (count, transport) => rankedPorts(transport).slice(0, count),
  ranked: (transport) => rankedPorts(transport).length,
  // Among the few that people name, not among the ten thousand that are registered.
  nearest: (name) => nearest(name, [...Object.keys(NICKNAMES), ...PORT_ADVICE.map((advice) => advice.name)]),
}

let byPort: ReadonlyMap<string, PortAdvice> | undefined

/** Keyed `tcp/22`. Of two lines about one port the first wins. */
function adviceByPort(): ReadonlyMap<string, PortAdvice> {
  if (byPort) return byPort
  const read = new Map<string, PortAdvice>()
  for (const advice of PORT_ADVICE)
    for (const item of advice.ports.split(' ')) {
      const [transport, range = ''] = item.split('/')
      const [first, last = first] = range.split('-').map(Number)
      for (let port = first!; port <= last!; port++)
        if (!read.has(`${transport}/${port}`)) read.set(`${transport}/${port}`, advice)
    }
  byPort = read
  return read
}
