/**
 * MySQL X Protocol (MySQL internals, "X Protocol"): protocol buffers in frames.
 *
 *   frame = length(4, little-endian; counts the type) type(1) payload
 *   CON_CAPABILITIES_GET (1) => CONN_CAPABILITIES (2): { 1: { 1: name, 2: value } }*
 *
 * Servers since 8.0.16 open with a notice (11) that says hello. The capabilities name the node type, not the version.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { readFields, readVarint } from '#core/wire/varint.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [CAPABILITIES_GET, CAPABILITIES, NOTICE] = [1, 2, 11]
const FRAMES_CAP = 8
const NAMES_CAP = 32

export const mysqlx: Protocol = {
  name: 'mysqlx',
  transport: 'tcp',
  ports: [33060],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const names = parseCapabilities(bytes)
  // Two names every server has had since 5.7.12.
  if (!names?.includes('authentication.mechanisms') || !names.includes('doc.formats')) return null
  const facts = { capabilities: names, tls: names.includes('tls') }
  return service('mysqlx', { product: 'MySQL', vendor: 'Oracle', cpe: [cpe('a', 'oracle', 'mysql')], facts })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Uint8Array.of(1, 0, 0, 0, CAPABILITIES_GET))
  return recognise(await session.readUntil((soFar) => parseCapabilities(soFar) !== null))
}

export function parseCapabilities(bytes: Uint8Array): readonly string[] | null {
  const reader = new Reader(bytes)
  for (let i = 0; i < FRAMES_CAP; i++) {
    const frame = orNull(() => {
      const length = reader.u32le()
      return { type: reader.u8(), payload: reader.take(length - 1) }
    })
    if (!frame || (frame.type !== NOTICE && frame.type !== CAPABILITIES)) return null
    if (frame.type === CAPABILITIES) return orNull(() => namesIn(frame.payload))
  }
  return null
}

function namesIn(payload: Uint8Array): readonly string[] {
  const reader = new Reader(payload)
  const names: string[] = []
  while (reader.remaining > 0 && names.length < NAMES_CAP) {
    if (readVarint(reader) !== 10) break
    const entry = new Reader(reader.take(readVarint(reader)))
    const name = readFields(entry).get(1)
    if (name instanceof Uint8Array) names.push(clean(latin1(name), 60))
  }
  return names
}
