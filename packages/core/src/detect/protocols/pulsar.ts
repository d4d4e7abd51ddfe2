/**
 * Apache Pulsar binary protocol (https://pulsar.apache.org/docs/developing-binary-protocol): protocol buffers in frames.
 *
 *   frame     = length(4) command-length(4) BaseCommand
 *   CONNECT   => { 1: 2, 2: { 1: client version, 4: protocol version } }
 *   CONNECTED <= { 1: 3, 3: { 1: server version, 2: protocol version } }
 *   ERROR     <= { 1: 14, 14: { 1: request, 2: code, 3: message } }
 *   field     = key(number << 3 | type) value       type 0: number in seven-bit groups, 2: length and bytes
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { readFields } from '#core/wire/varint.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [CONNECT, CONNECTED, ERROR] = [2, 3, 14]
const PROTOCOL_VERSION = 12
const COMMAND_CAP = 4096

export const pulsar: Protocol = {
  name: 'pulsar',
  transport: 'tcp',
  ports: [6650, 6651],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u32()
    const command = reader.take(reader.u32(), COMMAND_CAP)
    if (length !== command.length + 4) return null
    const fields = readFields(new Reader(command))
    const type = fields.get(1)
    const inner = typeof type === 'number' ? fields.get(type) : undefined
    if ((type !== CONNECTED && type !== ERROR) || !(inner instanceof Uint8Array)) return null
    const details = readFields(new Reader(inner))
    const told = details.get(type === CONNECTED ? 1 : 3)
    return told instanceof Uint8Array ? describe(clean(latin1(told)), type === CONNECTED) : null
  })
}

function describe(text: string, connected: boolean): Service {
  // `Pulsar Server` or `Pulsar Server-v` and the version, or the version alone.
  const version = connected ? (/(\d+\.\d+[\w.-]*)/.exec(text)?.[1] ?? null) : null
  const id = cpe('a', 'apache', 'pulsar', version)
  return service('pulsar', {
    product: 'Apache Pulsar',
    vendor: 'Apache',
    version,
    info: connected ? null : text,
    cpe: [id],
  })
}

async function identify(session: Session): Promise<Service | null> {
  const client = session.client.name.slice(0, 60)
  const connect = new Writer()
    .u8((1 << 3) | 2)
    .u8(client.length)
    .latin1(client)
    .u8(4 << 3)
    .u8(PROTOCOL_VERSION)
    .finish()
  const command = new Writer()
    .u8(1 << 3)
    .u8(CONNECT)
    .u8((CONNECT << 3) | 2)
    .u8(connect.length)
    .bytes(connect)
    .finish()
  await session.write(
    new Writer()
      .u32(command.length + 4)
      .u32(command.length)
      .bytes(command)
      .finish(),
  )
  return understood(session, recognise)
}
