/**
 * AMQP 1.0 (OASIS standard, parts 1, 2 and 5):
 *
 *   header     = "AMQP" id(1) 1 0 0                               id 3: SASL, 0: AMQP
 *   frame      = size(4) offset(1) type(1) channel(2) performative  type 1: SASL, 0: AMQP
 *   performative = 0 0x53 code list       0x40 mechanisms, 0x41 init, 0x44 outcome, 0x10 open, 0x18 close
 *
 * Broker and version are properties of `open`, which most send to whoever gets past SASL ANONYMOUS.
 */
import { latin1, orNull, Reader, Truncated } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { amqpFacts, amqpSoftware } from '../amqp-broker.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull, startsWith } from '../text.ts'

const SASL_HEADER = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0)
const AMQP_HEADER = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0)
const [MECHANISMS, INIT, OPEN] = [0x40, 0x41, 0x10]
const [SASL_FRAME, AMQP_FRAME] = [1, 0]
const [VALUES_CAP, DEPTH_CAP] = [128, 6]

export const amqp1: Protocol = {
  name: 'amqp1',
  transport: 'tcp',
  ports: [5672, 5671],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return isHeader(bytes) ? describe(parsePerformatives(bytes)) : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(SASL_HEADER)
  const sasl = await session.readUntil((soFar) => soFar.length > 8 && parsePerformatives(soFar).has(MECHANISMS))
  if (!isHeader(sasl)) return null
  const offered = parsePerformatives(sasl)
  if (!offered.get(MECHANISMS)?.strings.includes('ANONYMOUS')) return describe(offered)
  const open = await attempt(async () => {
    await session.write(Buffer.concat([saslInit(), AMQP_HEADER, openFrame(session.token)]))
    return parsePerformatives(await session.readUntil((soFar) => parsePerformatives(soFar).has(OPEN)))
  })
  return describe(new Map([...offered, ...(open ?? [])]))
}

/** `0 0x53 code`, then a short list of the given fields. */
function frame(type: number, code: number, count: number, fields: Uint8Array): Uint8Array {
  const length = 8 + 6 + fields.length
  const writer = new Writer().u32(length).u8(2).u8(type).u16(0).bytes([0, 0x53, code, 0xc0])
  return writer
    .u8(fields.length + 1)
    .u8(count)
    .bytes(fields)
    .finish()
}

/** Symbol 0xa3 length(1) text. */
const saslInit = () => frame(SASL_FRAME, INIT, 1, new Writer().u8(0xa3).u8(9).latin1('ANONYMOUS').finish())

/** String 0xa1 length(1) text: the container id, the only field required. */
function openFrame(token: number): Uint8Array {
  const id = `portolan-${token.toString(16)}`
  return frame(AMQP_FRAME, OPEN, 1, new Writer().u8(0xa1).u8(id.length).latin1(id).finish())
}

function describe(performatives: ReadonlyMap<number, Performative>): Service {
  const open = performatives.get(OPEN)
  const mechanisms = performatives.get(MECHANISMS)?.strings.slice(0, 16)
  const properties = open?.properties ?? new Map<string, string>()
  const container = cleanOrNull(open?.strings[0])
  const facts = {
    version: '1.0',
    ...(mechanisms ? { mechanisms } : {}),
    ...(container ? { container } : {}),
    ...amqpFacts(properties),
  }
  return service('amqp', { ...amqpSoftware(properties), info: 'AMQP 1.0', facts })
}

const isHeader = (bytes: Uint8Array) =>
  startsWith(bytes, 'AMQP') && bytes.length >= 8 && bytes[4]! <= 3 && bytes[5] === 1 && bytes[6] === 0 && bytes[7] === 0

interface Performative {
  readonly strings: readonly string[]
  readonly properties: ReadonlyMap<string, string>
}

/** What the stream holds, headers skipped, by code; cut frames are left out. */
export function parsePerformatives(bytes: Uint8Array): ReadonlyMap<number, Performative> {
  const found = new Map<number, Performative>()
  const reader = new Reader(bytes)
  orNull(() => {
    while (found.size < 8) {
      if (latin1(bytes.subarray(reader.position, reader.position + 4)) === 'AMQP') {
        reader.skip(8)
        continue
      }
      const body = new Reader(reader.take(reader.u32() - 4))
      body.skip(body.u8() * 4 - 5)
      if (body.remaining === 0) continue
      if (body.u16() !== 0x53) return null
      const code = body.u8()
      const collected: Collected = { strings: [], properties: new Map(), values: 0 }
      readValue(body, collected, 0)
      found.set(code, collected)
    }
    return null
  })
  return found
}

interface Collected {
  readonly strings: string[]
  readonly properties: Map<string, string>
  values: number
}

/** One value (part 1 section 1.6). Text is collected; pairs of a map are collected by name too. */
function readValue(reader: Reader, into: Collected, depth: number): string | null {
  if (depth > DEPTH_CAP || ++into.values > VALUES_CAP) throw new Truncated('too much')
  const type = reader.u8()
  if (type === 0) return readDescribed(reader, into, depth)
  const width = type >> 4
  if (width >= 4 && width <= 9) {
    reader.skip([0, 1, 2, 4, 8, 16][width - 4]!)
    return null
  }
  if (width === 0xa || width === 0xb) {
    const data = reader.take(width === 0xa ? reader.u8() : reader.u32())
    if ((type & 15) === 0) return null
    into.strings.push(clean(data))
    return clean(data)
  }
  readCompound(reader, type, into, depth)
  return null
}

function readDescribed(reader: Reader, into: Collected, depth: number): string | null {
  readValue(reader, into, depth + 1)
  return readValue(reader, into, depth + 1)
}

/** list8 0xc0, map8 0xc1, list32 0xd0, map32 0xd1; arrays (0xe0, 0xf0) hold one constructor for all. */
function readCompound(reader: Reader, type: number, into: Collected, depth: number): void {
  const short = type >> 4 === 0xc || type >> 4 === 0xe
  const inner = new Reader(reader.take(short ? reader.u8() : reader.u32()))
  const count = short ? inner.u8() : inner.u32()
  if (type >> 4 >= 0xe) readArray(inner, count, into)
  const isMap = (type & 15) === 1
  for (let i = 0; type >> 4 < 0xe && i < Math.min(count, VALUES_CAP); i += isMap ? 2 : 1) {
    const key = readValue(inner, into, depth + 1)
    const value = isMap ? readValue(inner, into, depth + 1) : null
    if (key !== null && value !== null) into.properties.set(key, value)
  }
}

function readArray(inner: Reader, count: number, into: Collected): void {
  const type = inner.u8()
  if (type !== 0xa1 && type !== 0xa3 && type !== 0xb1 && type !== 0xb3) return
  for (let i = 0; i < Math.min(count, VALUES_CAP); i++)
    into.strings.push(clean(inner.take(type < 0xb0 ? inner.u8() : inner.u32())))
}
