/**
 * NATS (https://docs.nats.io/reference/reference-protocols/nats-protocol): the server opens with its whole description.
 *
 *   greeting => "INFO " JSON [SP] CR LF        { server_id, server_name, version, go, host, port, auth_required, ... }
 */
import { latin1 } from '#core/wire/reader.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull, startsWith } from '../text.ts'

/** The description is 300 to 700 bytes; a cluster's list of addresses makes it longer. */
const INFO_CAP = 16_384
const FACTS = [
  'server_name',
  'cluster',
  'go',
  'proto',
  'jetstream',
  'auth_required',
  'tls_required',
  'tls_available',
] as const

export const nats: Protocol = {
  name: 'nats',
  transport: 'tcp',
  ports: [4222, 6222],
  opens: 'server',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const info = parseNatsInfo(bytes)
  if (!info) return null
  const version = cleanOrNull(typeof info.version === 'string' ? info.version : null, 40)
  const facts = Object.fromEntries(FACTS.flatMap((name) => (isPlain(info[name]) ? [[name, bounded(info[name])]] : [])))
  const id = cpe('a', 'linuxfoundation', 'nats-server', version)
  return service('nats', { product: 'NATS', vendor: 'Synadia', version, cpe: [id], facts })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const found = recognise(greeting)
  if (found?.facts.tls_required === true && !session.tls) await attempt(() => session.startTls())
  return found
}

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value)
const bounded = (value: string | number | boolean) =>
  typeof value === 'string' ? (cleanOrNull(value, 100) ?? '') : value

export function parseNatsInfo(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  if (!startsWith(bytes, 'INFO {')) return null
  const text = latin1(bytes.subarray(5, INFO_CAP))
  const end = text.indexOf('\r\n')
  try {
    const info: unknown = JSON.parse(end < 0 ? text : text.slice(0, end))
    return typeof info === 'object' && info !== null && 'server_id' in info ? { ...info } : null
  } catch {
    return null
  }
}
