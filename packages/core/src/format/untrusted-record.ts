/** Turns values from a file into an endpoint record, or says why not. Nothing is believed: types, ranges, lengths. */
import { clean, cleanOrNull } from '#core/detect/text.ts'
import type { PortState } from '#core/engine/engine.ts'
import { formatAddress, parseAddress } from '#core/target/address.ts'
import type { EndpointRecord, ServiceRecord } from './endpoint-record.ts'
import { readTlsFacts } from './untrusted-tls.ts'

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const STATES: ReadonlySet<unknown> = new Set<PortState>(['open', 'closed', 'filtered', 'open|filtered'])
const isState = (value: unknown): value is PortState => STATES.has(value)

/** A record, or the problem in words. `ip` may be in any spelling the strict parser accepts; it comes out canonical. */
export function readEndpoint(fields: Fields): EndpointRecord | string {
  const { ip, port, transport, state, reason = '', rtt = null, service = null } = fields
  const { hostname, vantage, allPortsOpen } = fields
  const address = typeof ip === 'string' ? parseAddress(ip) : null
  if (!address?.ok) return 'the address is not valid'
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return 'the port is not valid'
  if (transport !== 'tcp' && transport !== 'udp') return 'the transport is neither tcp nor udp'
  if (!isState(state)) return `the state ${JSON.stringify(clean(String(state), 40))} is not one Portolan keeps`
  if (typeof reason !== 'string') return 'the reason is not text'
  return {
    ip: formatAddress(address.value),
    port,
    transport,
    state,
    reason: clean(reason, 40) || 'unknown',
    rtt: typeof rtt === 'number' && Number.isFinite(rtt) && rtt >= 0 ? rtt : null,
    service: isFields(service) ? readService(service) : null,
    ...(typeof hostname === 'string' ? { hostname: cleanOrNull(hostname, 253) } : {}),
    ...(typeof vantage === 'string' ? { vantage: cleanOrNull(vantage, 63) } : {}),
    ...(allPortsOpen === true ? { allPortsOpen } : {}),
  }
}

const text = (value: unknown, cap = 256) => (typeof value === 'string' ? cleanOrNull(value, cap) : null)

function readService(fields: Fields): ServiceRecord | null {
  const name = text(fields.name, 64)
  if (name === null) return null
  const cpe = Array.isArray(fields.cpe) ? fields.cpe.slice(0, 16).map((item) => text(item, 200)) : []
  const confidence = typeof fields.confidence === 'number' ? fields.confidence : 0
  return {
    name,
    product: text(fields.product),
    version: text(fields.version, 64),
    info: text(fields.info),
    cpe: cpe.filter((item) => item !== null),
    tls: readTlsFacts(fields.tls),
    method: fields.method === 'probed' ? 'probed' : 'table',
    confidence: Math.min(1, Math.max(0, Number.isFinite(confidence) ? confidence : 0)),
    os: text(fields.os, 64),
    device: text(fields.device, 64),
    hostname: text(fields.hostname, 253),
    ...(isFields(fields.startTls) ? { startTls: readTlsFacts(fields.startTls) } : {}),
  }
}
