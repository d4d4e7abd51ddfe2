/**
 * OPC UA binary over TCP (OPC 10000-6 section 7.1); grammar in wire/opcua.ts. Hello, a channel without security, and the list
 * of endpoints, whose server description carries name, URI and product URI (OPC 10000-4 section 7.2).
 */
import { parseUaMessage, readUaString, uaMessage, writeUaRequestHeader, writeUaString } from '#core/wire/opcua.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const NONE = 'http://opcfoundation.org/UA/SecurityPolicy#None'
/** Numeric identifiers of the encodings (OPC 10000-6 annex A). */
const [OPEN_REQUEST, ENDPOINTS_REQUEST, ENDPOINTS_RESPONSE] = [446, 428, 431]
const HOUR = 3_600_000

export const opcUa: Protocol = { name: 'opc-ua', transport: 'tcp', ports: [4840], opens: 'client', recognise, identify }

/** Acknowledge: five numbers; error: a code and a reason. */
function recognise(bytes: Uint8Array): Service | null {
  const message = parseUaMessage(bytes)
  if (message?.type === 'ACK') return message.body.length === 20 ? describe(null, null) : null
  const reason = message?.type === 'ERR' ? orNull(() => readUaString(new Reader(message.body, 4))) : undefined
  return reason === undefined ? null : describe(null, reason && clean(reason))
}

async function identify(session: Session): Promise<Service | null> {
  const url = `opc.tcp://${session.hostname ?? session.address}:${session.port}`
  const hello = new Writer().u32le(0).u32le(65_536).u32le(65_536).u32le(0).u32le(0)
  await session.write(uaMessage('HEL', writeUaString(hello, url).finish()))
  const whole = (soFar: Uint8Array) => parseUaMessage(soFar) !== null
  const found = recognise(await session.readUntil(whole))
  if (!found || found.info !== null) return found
  const server = await attempt(async () => {
    await session.write(uaMessage('OPN', openChannel(session.token)))
    const channel = channelOf(await session.readUntil(whole))
    if (!channel) return null
    await session.write(uaMessage('MSG', getEndpoints(channel, session.token, url)))
    return parseServer(await session.readUntil(whole))
  })
  return describe(server, null)
}

function openChannel(handle: number): Uint8Array {
  const writer = writeUaString(writeUaString(writeUaString(new Writer().u32le(0), NONE), null), null)
  writer.u32le(1).u32le(1).u8(1).u8(0).u16le(OPEN_REQUEST)
  // Client protocol 0, issue a token, no security, no nonce.
  return writeUaString(writeUaRequestHeader(writer, handle).u32le(0).u32le(0).u32le(1), null).u32le(HOUR).finish()
}

interface Channel {
  readonly id: number
  readonly token: number
}

/** The ids in the answer: after the response header stand protocol(4), channel(4) and token(4). */
function channelOf(bytes: Uint8Array): Channel | null {
  const message = parseUaMessage(bytes)
  if (message?.type !== 'OPN') return null
  return orNull(() => {
    const reader = new Reader(message.body, 4)
    for (let i = 0; i < 3; i++) readUaString(reader)
    reader.skip(12)
    skipResponseHeader(reader)
    reader.skip(4)
    return { id: reader.u32le(), token: reader.u32le() }
  })
}

/** time(8) handle(4) result(4) diagnostics(1) strings(count, strings) additional(node id, 1) */
function skipResponseHeader(reader: Reader): void {
  reader.skip(17)
  for (let left = reader.u32le(); left > 0 && left < 64; left--) readUaString(reader)
  reader.skip(3)
}

function getEndpoints({ id, token }: Channel, handle: number, url: string): Uint8Array {
  const writer = new Writer().u32le(id).u32le(token).u32le(2).u32le(2).u8(1).u8(0).u16le(ENDPOINTS_REQUEST)
  return writeUaString(writeUaRequestHeader(writer, handle), url).u32le(0).u32le(0).finish()
}

interface Server {
  readonly applicationUri: string | null
  readonly productUri: string | null
  readonly name: string | null
}

/** The first endpoint: url, then its server: two URIs and a name in some language. */
export function parseServer(bytes: Uint8Array): Server | null {
  const message = parseUaMessage(bytes)
  if (message?.type !== 'MSG') return null
  return orNull(() => {
    const reader = new Reader(message.body, 16)
    if (reader.u16le() !== 1 || reader.u16le() !== ENDPOINTS_RESPONSE) return null
    skipResponseHeader(reader)
    if (reader.u32le() === 0) return null
    readUaString(reader)
    const [applicationUri, productUri] = [readUaString(reader), readUaString(reader)]
    const mask = reader.u8()
    if (mask & 1) readUaString(reader)
    return { applicationUri, productUri, name: mask & 2 ? readUaString(reader) : null }
  })
}

function describe(server: Server | null, error: string | null): Service {
  const text = (value: string | null | undefined) => (value ? clean(value, 120) || null : null)
  const named = { applicationUri: text(server?.applicationUri), productUri: text(server?.productUri) }
  const facts = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== null))
  return service('opcua-tcp', { product: text(server?.name), info: error, facts })
}
