/**
 * MQTT 3.1.1 and 5 (OASIS standards, section 2):
 *
 *   packet   = type(4 bits) flags(4) remaining-length(1..4, seven bits each) body
 *   CONNECT  => CONNACK(0x20) flags(1) code(1) [properties]      3.1.1: codes 0..5; 5: 0 and 0x80 upwards
 *   then SUBSCRIBE to what brokers publish about themselves => SUBACK(0x90), PUBLISH(0x30) topic message
 *   and PINGREQ => PINGRESP(0xd0), behind which nothing more is owed
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [CONNACK, PUBLISH, PINGRESP] = [2, 3, 13]
const CONNECT_CODES = [
  'accepted',
  'unacceptable protocol version',
  'identifier rejected',
  'server unavailable',
  'bad user name or password',
  'not authorised',
]
const UNACCEPTABLE_VERSION = 1
/** Where brokers tell their version: Mosquitto and its imitators, EMQX, VerneMQ. */
const TOPICS = ['$SYS/broker/version', '$SYS/brokers/+/version', '$SYS/brokers/+/sysdescr', '$SYS/+/version']
const PACKETS_CAP = 32
const PINGREQ = Uint8Array.of(0xc0, 0)

export const mqtt: Protocol = {
  name: 'mqtt',
  transport: 'tcp',
  ports: [1883, 8883],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const packets = parseMqtt(bytes)
  return packets ? describe(packets) : null
}

async function identify(session: Session): Promise<Service | null> {
  const four = await converse(session, 4)
  const code = four?.[0]?.body[1]
  // An MQTT 5 broker may refuse 3.1.1 in either version's words (3.1.1 section 3.2.2.3; 5.0 section 3.2.2.2).
  if (code !== UNACCEPTABLE_VERSION && code !== 0x84) return four && describe(four)
  const five = await attempt(async () => {
    await session.reopen()
    return converse(session, 5)
  })
  return describe(five ?? four)
}

async function converse(session: Session, level: 4 | 5): Promise<readonly MqttPacket[] | null> {
  await session.write(Buffer.concat([connect(session.token, level), subscribe(level), PINGREQ]))
  const ended = (packets: readonly MqttPacket[] | null) =>
    packets === null || packets.some((p) => p.type === PINGRESP) || packets[0]?.body[1] !== 0
  return parseMqtt(await session.readUntil((soFar) => soFar.length >= 4 && ended(parseMqtt(soFar))))
}

function packet(first: number, body: Uint8Array): Uint8Array {
  // All of ours are shorter than 128 bytes, or two length bytes do.
  const writer = new Writer().u8(first)
  if (body.length < 128) writer.u8(body.length)
  else writer.u8((body.length & 127) | 128).u8(body.length >> 7)
  return writer.bytes(body).finish()
}

function connect(token: number, level: 4 | 5): Uint8Array {
  const id = `portolan${token.toString(16)}`
  const writer = new Writer().u16(4).latin1('MQTT').u8(level).u8(0x02).u16(30)
  if (level === 5) writer.u8(0)
  return packet(0x10, writer.u16(id.length).latin1(id).finish())
}

function subscribe(level: 4 | 5): Uint8Array {
  const writer = new Writer().u16(1)
  if (level === 5) writer.u8(0)
  for (const topic of TOPICS) writer.u16(topic.length).latin1(topic).u8(0)
  return packet(0x82, writer.finish())
}

export interface MqttPacket {
  readonly type: number
  readonly body: Uint8Array
}

/** The packets at the start of a stream; null unless the first is a CONNACK. */
export function parseMqtt(bytes: Uint8Array): readonly MqttPacket[] | null {
  const packets: MqttPacket[] = []
  const reader = new Reader(bytes)
  while (packets.length < PACKETS_CAP) {
    const next = orNull(() => ({ first: reader.u8(), body: reader.take(readLength(reader)) }))
    if (!next) break
    packets.push({ type: next.first >> 4, body: next.body })
    if (packets.length === 1 && (next.first !== CONNACK << 4 || !isConnack(next.body))) return null
  }
  return packets.length > 0 ? packets : null
}

function readLength(reader: Reader): number {
  let length = 0
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8()
    length += (byte & 127) << shift
    if (byte < 128) break
  }
  return length
}

function isConnack(body: Uint8Array): boolean {
  const [flags = 255, code = 255, properties] = body
  if (flags > 1 || body.length < 2) return false
  if (body.length === 2) return code <= 5
  return (
    (code === 0 || code >= 0x80) && properties !== undefined && (properties >= 128 || properties === body.length - 3)
  )
}

function describe(packets: readonly MqttPacket[] | null): Service | null {
  const body = packets?.[0]?.body
  if (!packets || !body) return null
  const five = body.length > 2
  const code = body[1] ?? 0
  const info = code === 0 ? null : ((five ? null : CONNECT_CODES[code]) ?? `refused with reason ${code}`)
  const facts = { protocol: five ? '5.0' : '3.1.1', anonymous: code === 0 }
  return service('mqtt', { ...mqttSoftware(packets), info, facts })
}

function mqttSoftware(packets: readonly MqttPacket[]): Partial<Service> {
  const published = packets.filter((p) => p.type === PUBLISH).map((p) => orNull(() => readPublish(p.body)))
  const told = (topic: RegExp) => published.find((p) => p && topic.test(p.topic))?.message ?? null
  const [, name = null, version = null] =
    /^(?:([A-Za-z][\w -]{0,40}?) )?(?:version )?v?(\d[\w.+-]{0,40})$/.exec(told(/^\$SYS\/broker\/version$/) ?? '') ?? []
  if (name !== null && /^mosquitto$/i.test(name))
    return { product: 'Mosquitto', vendor: 'Eclipse', version, cpe: [cpe('a', 'eclipse', 'mosquitto', version)] }
  const emqx = told(/^\$SYS\/brokers\/[^/]+\/version$/)
  if (emqx !== null) return { product: 'EMQX', vendor: 'EMQ', version: emqx, cpe: [cpe('a', 'emqx', 'emqx', emqx)] }
  return { product: name, version }
}

/** At most once, so there is no packet id: topic-length(2) topic message. */
function readPublish(body: Uint8Array): { readonly topic: string; readonly message: string } {
  const reader = new Reader(body)
  const topic = latin1(reader.take(reader.u16(), 256))
  return { topic, message: clean(reader.rest(), 100) }
}
