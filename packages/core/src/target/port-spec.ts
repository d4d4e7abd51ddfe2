/**
 * Port specs, in nmap's syntax:
 *
 *   spec  = item *( "," item )
 *   item  = [ ( "T:" / "U:" ) ] [ "!" ] what
 *   what  = port | port "-" port | "-" | "-" port | port "-" | "top:" count | name
 *
 * `T:` and `U:` hold until the next one; before any, ports are of the default transport. `!` takes ports out, wherever
 * it stands; before any `T:` or `U:` it takes them out of both. `-` is 1-65535. A name is a registered service name and
 * may contain `*`. An open end (`60000-`) is understood from 49152 on, the dynamic ports; below that it is far more
 * often an unfinished range than a wish for fifty thousand ports, and is refused with the range written out.
 */
import { flawed, good, type Parsed, type SpecError } from './parsed.ts'
import { mergePorts, type PortRange, type PortSet, subtractPorts } from './port-set.ts'
import type { Transport } from './probe-space.ts'

/** What the parser must be told about names and popularity; the registry knows. */
export interface PortBook {
  /** Ports registered under `name` (lower case, `*` matches anything). Empty: unknown. */
  named(name: string, transport: Transport): readonly number[]
  /** The `count` most common ports, fewer when it knows fewer. */
  top(count: number, transport: Transport): readonly number[]
  /** How many ports `top` can rank. */
  ranked(transport: Transport): number
  /** A known name that `name` may be a misspelling of. */
  nearest(name: string): string | null
}

export type PortSpecOptions = {
  readonly book: PortBook
  /** The transport of ports without `T:` or `U:`. */
  readonly transport?: Transport | 'both'
  /** Ports to leave out, in the same syntax; without `T:` or `U:` they are left out of both. */
  readonly exclude?: string
  /** JSON pointers of the two fields. */
  readonly pointer?: string
  readonly excludePointer?: string
}

export type ParsedPorts =
  | { readonly ok: true; readonly ports: PortSet }
  | { readonly ok: false; readonly errors: readonly SpecError[] }

const MAX_PORT = 65_535
const FIRST_DYNAMIC = 49_152
const ALL: PortRange = { first: 1, last: MAX_PORT }
const BOTH: readonly Transport[] = ['tcp', 'udp']

/** Parses the whole text and reports every flaw, not just the first. Overlaps count once. */
export function parsePorts(
  text: string,
  { book, transport = 'tcp', exclude = '', pointer = '/ports', excludePointer = '/excludePorts' }: PortSpecOptions,
): ParsedPorts {
  const wanted = collect(text, { book, fallback: transport === 'both' ? BOTH : [transport], pointer })
  const out = exclude.trim() === '' ? null : collect(exclude, { book, fallback: BOTH, pointer: excludePointer })
  const errors = [...wanted.errors, ...(out?.errors ?? [])]
  const left = (of: Transport) => {
    const without = mergePorts([...wanted.minus[of], ...(out?.plus[of] ?? [])])
    return subtractPorts(mergePorts(wanted.plus[of]), without)
  }
  const ports: PortSet = { tcp: left('tcp'), udp: left('udp') }
  if (errors.length === 0 && ports.tcp.length + ports.udp.length === 0)
    errors.push({ pointer, spec: text, position: 0, problem: 'no port is left', fix: 'exclude fewer ports' })
  return errors.length > 0 ? { ok: false, errors } : { ok: true, ports }
}

type Context = {
  readonly book: PortBook
  /** Transports of an item before any `T:` or `U:`. */
  readonly fallback: readonly Transport[]
  readonly pointer: string
}

type Lists = Readonly<Record<Transport, PortRange[]>>

function collect(text: string, { book, fallback, pointer }: Context) {
  const plus: Lists = { tcp: [], udp: [] }
  const minus: Lists = { tcp: [], udp: [] }
  const errors: SpecError[] = []
  let chosen: readonly Transport[] | null = null
  let at = 0
  for (const raw of text.split(',')) {
    let item = raw.trimStart()
    let position = at + raw.length - item.length
    item = item.trimEnd()
    const qualifier = /^([A-Za-z]):/.exec(item)
    if (qualifier) {
      const letter = qualifier[1]?.toUpperCase()
      if (letter === 'T' || letter === 'U') chosen = [letter === 'T' ? 'tcp' : 'udp']
      else errors.push({ pointer, spec: text, ...badQualifier(position, item.slice(0, 2)) })
      item = item.slice(2)
      position += 2
    }
    const negative = item.startsWith('!')
    if (negative) item = item.slice(1)
    const transports = chosen ?? (negative ? BOTH : fallback)
    const ranges = parseItem(item, { book, transports, position: position + (negative ? 1 : 0) })
    if (!ranges.ok) errors.push({ pointer, spec: text, ...ranges.flaw })
    else for (const of of transports) (negative ? minus : plus)[of].push(...ranges.value[of])
    at += raw.length + 1
  }
  return { plus, minus, errors }
}

function badQualifier(position: number, text: string) {
  return { position, problem: `${text} is not a transport Portolan scans`, fix: 'write T: for TCP or U: for UDP' }
}

type ItemContext = {
  readonly book: PortBook
  readonly transports: readonly Transport[]
  readonly position: number
}

function parseItem(item: string, { book, transports, position }: ItemContext): Parsed<PortSet> {
  const same = (ranges: readonly PortRange[]) => good<PortSet>({ tcp: ranges, udp: ranges })
  if (item === '') return flawed(position, 'a port is missing', 'write a port from 1 to 65535, or remove the comma')
  if (item === '-') return same([ALL])
  if (/^\d*-?\d*$/.test(item)) {
    const range = parseNumbers(item, position)
    return range.ok ? same([range.value]) : range
  }
  const each = (of: Transport, ports: readonly number[]) =>
    transports.includes(of) ? mergePorts(ports.map((port) => ({ first: port, last: port }))) : []
  if (/^top:/i.test(item)) {
    const count = /^[1-9]\d{0,4}$/.test(item.slice(4)) ? Number(item.slice(4)) : 0
    const most = Math.min(...transports.map((of) => book.ranked(of)))
    if (count < 1 || count > most)
      return flawed(position + 4, `top: takes a number from 1 to ${most}`, `write top:100, or - for all ports`)
    return good({ tcp: each('tcp', book.top(count, 'tcp')), udp: each('udp', book.top(count, 'udp')) })
  }
  if (!/^[a-z0-9*][a-z0-9*._+/-]{0,63}$/i.test(item) || !/[a-z*]/i.test(item))
    return flawed(position, `${JSON.stringify(item.slice(0, 40))} is neither a port nor a service name`, EXAMPLES)
  const name = item.toLowerCase()
  const named: PortSet = { tcp: each('tcp', book.named(name, 'tcp')), udp: each('udp', book.named(name, 'udp')) }
  if (named.tcp.length + named.udp.length > 0) return good(named)
  const slashed = /^([\d-]+)\/(tcp|udp)$/.exec(name)
  if (slashed)
    return flawed(
      position,
      'a transport stands before its ports, not behind',
      `write ${slashed[2] === 'udp' ? 'U' : 'T'}:${slashed[1]}`,
    )
  return flawed(position, `no ${transports.join(' or ')} service is called ${item}`, nameFix(name, transports, book))
}

function nameFix(name: string, transports: readonly Transport[], book: PortBook): string {
  const other = BOTH.find((of) => !transports.includes(of) && book.named(name, of).length > 0)
  if (other) return `write ${other === 'udp' ? 'U' : 'T'}:${name}`
  const meant = book.nearest(name)
  return meant === null ? 'write its port number' : `write its port number, or ${meant} if that was meant`
}

const EXAMPLES = 'write ports such as 22, 80-90, top:100, ssh, or - for all'

function parseNumbers(item: string, position: number): Parsed<PortRange> {
  const dash = item.indexOf('-')
  const from = dash < 0 ? item : item.slice(0, dash)
  const to = dash < 0 ? item : item.slice(dash + 1)
  for (const [text, at] of [
    [from, position],
    [to, position + dash + 1],
  ] as const) {
    if (text === '') continue
    if (/^0+$/.test(text)) return flawed(at, 'port 0 cannot be scanned', 'write a port from 1 to 65535')
    if (text.length > 5 || Number(text) > MAX_PORT)
      return flawed(at, `port ${text.slice(0, 12)} is over 65535`, 'write a port from 1 to 65535')
  }
  const range = { first: from === '' ? 1 : Number(from), last: to === '' ? MAX_PORT : Number(to) }
  if (to === '' && range.first < FIRST_DYNAMIC)
    return flawed(position + item.length, `the range ${item} has no end`, `write ${from}-65535`)
  if (range.first > range.last)
    return flawed(position, `the range ${item} runs backwards`, `write ${range.last}-${range.first}`)
  return good(range)
}
