/** One endpoint as every format writes it and every reader returns it. */
import type { Detection, TlsFacts } from '#core/detect/protocol.ts'
import type { PortState } from '#core/engine/engine.ts'
import { tableName } from '#core/registry/ports.ts'
import { parseAddress } from '#core/target/address.ts'
import { pointOf } from '#core/target/address-set.ts'
import type { Transport } from '#core/target/probe-space.ts'
import { readTlsFacts } from './untrusted-tls.ts'

export type ServiceRecord = {
  readonly name: string
  readonly product: string | null
  readonly version: string | null
  readonly info: string | null
  /** CPE 2.3 formatted strings. */
  readonly cpe: readonly string[]
  /** What the service is inside of. */
  readonly tls: TlsFacts | null
  /** `table`: the port number's usual service, nobody was asked. */
  readonly method: 'probed' | 'table'
  /** 0..1 */
  readonly confidence: number
  readonly os?: string | null
  readonly device?: string | null
  readonly hostname?: string | null
  /** TLS that it grants on request (STARTTLS and its like). */
  readonly startTls?: TlsFacts | null
}

export type EndpointRecord = {
  readonly ip: string
  readonly port: number
  readonly transport: Transport
  readonly state: PortState
  /** One of the engines' reasons; imported records may bring words of their own. */
  readonly reason: string
  /** Milliseconds; null when nothing answered. */
  readonly rtt: number | null
  readonly service: ServiceRecord | null
  /** The name the user asked for. */
  readonly hostname?: string | null
  /** The place in the network it was seen from, where more than this machine looks. */
  readonly vantage?: string | null
  /** True on a host that opens whatever it is asked, control ports included: this port being open says nothing. */
  readonly allPortsOpen?: boolean
}

/** A port table is right about an open port often enough to be worth a word, not more. */
const TABLE_CONFIDENCE = 0.3

/** What to say about an endpoint's service: what was found, else what usually runs there, marked as such. */
export function serviceRecord(detection: Detection | null, port: number, transport: Transport): ServiceRecord | null {
  if (detection?.status === 'identified') {
    const { method, tls } = detection
    const { name, product, version, info, cpe, confidence, os, device, hostname, facts } = detection.service
    const startTls = readTlsFacts(facts.startTls)
    return { name, product, version, info, cpe, tls, method, confidence, os, device, hostname, startTls }
  }
  const tls = detection?.tls ?? null
  if (detection?.status === 'tcpwrapped') return fromTable('tcpwrapped', tls)
  if (tls === null) return usual(port, transport)
  return fromTable(tableName(port, transport), tls)
}

/** What usually runs there: one record a port, however many hosts have it open. */
function usual(port: number, transport: Transport): ServiceRecord | null {
  const key = transport === 'tcp' ? port : port + 65_536
  let record = USUAL.get(key)
  if (record === undefined) {
    const name = tableName(port, transport)
    record = name === null ? null : fromTable(name, null)
    USUAL.set(key, record)
  }
  return record
}

const USUAL = new Map<number, ServiceRecord | null>()

function fromTable(name: string | null, tls: TlsFacts | null): ServiceRecord {
  const nothing = { product: null, version: null, info: null, cpe: [], tls }
  return { name: name ?? 'unknown', ...nothing, method: 'table', confidence: name === null ? 0 : TABLE_CONFIDENCE }
}

/** `OpenSSH 9.2p1 (protocol 2.0)`: product, version and info as one line for people. */
export function serviceLine({ product, version, info }: ServiceRecord): string {
  const what = [product, version].filter(Boolean).join(' ')
  return info ? `${what} (${info})`.trim() : what
}

/** The certificate it shows, at once or on request. */
export function certificateOf({ tls, startTls }: ServiceRecord) {
  return (tls ?? startTls)?.certificate ?? null
}

/** The order of all sorted output: IPv4 before IPv6, addresses by value, TCP before UDP, ports ascending, then by vantage. */
export function compareEndpoints(a: EndpointRecord, b: EndpointRecord): number {
  return (
    compareIps(a.ip, b.ip) ||
    (a.transport < b.transport ? -1 : a.transport > b.transport ? 1 : a.port - b.port) ||
    compareText(a.vantage ?? '', b.vantage ?? '')
  )
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** IPv4 before IPv6, by value. */
export function compareIps(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [parseAddress(a), parseAddress(b)]
  if (!x.ok || !y.ok) return a < b ? -1 : 1
  return pointOf(x.value) < pointOf(y.value) ? -1 : 1
}
