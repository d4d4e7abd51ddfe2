/**
 * AMQP 0-9-1 (specification section 4.2):
 *
 *   header => "AMQP" 0 0 9 1
 *   start  => frame-type(1)=1 channel(2)=0 size(4) class(2)=10 method(2)=10 major(1) minor(1)
 *             server-properties(table) mechanisms(long string) locales(long string) 0xce
 *   table   = length(4) (name(short string) type(1) value)*
 *
 * A server of another version answers with the header it wants instead, and closes (section 4.2.2).
 */
import { latin1, orNull, Reader, Truncated } from '#core/wire/reader.ts'
import { amqpFacts, amqpSoftware } from '../amqp-broker.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull, startsWith } from '../text.ts'

const HEADER = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1)
const [CONNECTION, START] = [10, 10]
/** Entries of the table, and how deep `capabilities` may nest. */
const [ENTRIES_CAP, DEPTH_CAP] = [64, 4]

export const amqp: Protocol = {
  name: 'amqp',
  transport: 'tcp',
  ports: [5672, 5671],
  opens: 'client',
  recognise,
  identify,
}

export interface AmqpStart {
  readonly version: string
  readonly properties: ReadonlyMap<string, string>
  readonly mechanisms: string
}

function recognise(bytes: Uint8Array): Service | null {
  const start = parseAmqpStart(bytes)
  if (start) {
    const facts = { version: start.version, mechanisms: start.mechanisms, ...amqpFacts(start.properties) }
    const hostname = cleanOrNull(
      /^rabbit@(?!localhost$)([\w.-]+)$/.exec(start.properties.get('cluster_name') ?? '')?.[1],
    )
    return service('amqp', { ...amqpSoftware(start.properties), hostname, info: `AMQP ${start.version}`, facts })
  }
  // AMQP 1.0 has a module of its own, which learns more.
  if (!startsWith(bytes, 'AMQP') || bytes.length !== 8 || isOnePointZero(bytes)) return null
  const version = bytes.subarray(5).join('-')
  return service('amqp', { info: `AMQP ${version}`, facts: { version } })
}

const isOnePointZero = (bytes: Uint8Array) => bytes[5] === 1 && bytes[6] === 0 && bytes[7] === 0

async function identify(session: Session): Promise<Service | null> {
  await session.write(HEADER)
  const whole = (soFar: Uint8Array) =>
    soFar.length >= 8 && (startsWith(soFar, 'AMQP') || parseAmqpStart(soFar) !== null)
  return recognise(await session.readUntil(whole))
}

export function parseAmqpStart(bytes: Uint8Array): AmqpStart | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== 1 || reader.u16() !== 0) return null
    reader.skip(4)
    if (reader.u16() !== CONNECTION || reader.u16() !== START) return null
    const version = `${reader.u8()}-${reader.u8()}`
    const properties = new Map<string, string>()
    readTable(new Reader(reader.take(reader.u32())), properties, 0)
    return {
      version: version === '0-9' ? '0-9-1' : version,
      properties,
      mechanisms: clean(reader.latin1(reader.u32())),
    }
  })
}

/** Collects the text values of the outermost table. */
function readTable(reader: Reader, into: Map<string, string>, depth: number): void {
  if (depth > DEPTH_CAP) throw new Truncated('nested too deep')
  for (let i = 0; reader.remaining > 0 && i < ENTRIES_CAP; i++) {
    const name = latin1(reader.take(reader.u8()))
    const type = reader.latin1(1)
    if (type === 'S') {
      const text = clean(reader.take(reader.u32()))
      if (depth === 0) into.set(name, text)
    } else if (type === 'F') readTable(new Reader(reader.take(reader.u32())), into, depth + 1)
    else reader.skip(VALUE_LENGTHS[type] ?? reader.u32())
  }
}

/** Fixed sizes by type letter (section 4.2.1, and the errata for `s`, `l`, `T`); the others carry their length. */
const VALUE_LENGTHS: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  U: 2,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  L: 8,
  l: 8,
  f: 4,
  d: 8,
  D: 5,
  T: 8,
  V: 0,
}
