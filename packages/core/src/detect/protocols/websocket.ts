/**
 * WebSocket servers (RFC 6455 sections 4.2.2, 5.2), which many of them answer nothing but an upgrade:
 *
 *   upgrade => GET / HTTP/1.1, Upgrade: websocket, Sec-WebSocket-Key, Sec-WebSocket-Protocol: *(name)
 *   accept  => HTTP/1.1 101, Sec-WebSocket-Accept: base64(SHA-1(key GUID)) [Sec-WebSocket-Protocol: name]
 *   frame   => 0x80|opcode, length | 126 U16 [0x80: mask(4)], payload            clients mask
 *
 * Where MQTT is chosen, a CONNECT and a look at `$SYS/broker/version` tell the broker (MQTT 3.1.1 section 6).
 */
import { createHash } from 'node:crypto'
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import { header, parseHttp } from '../http-message.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

export const websocket: Protocol = {
  name: 'websocket',
  transport: 'tcp',
  ports: [8083, 8084, 9001],
  opens: 'client',
  alpn: ['http/1.1'],
  recognise,
  identify,
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Offered so that a server which insists on one can choose. */
const SUBPROTOCOLS = 'mqtt, mqttv3.1, xmpp, amqp, binary, stomp'
const PATHS = ['/', '/mqtt']

function recognise(bytes: Uint8Array): Service | null {
  const response = parseHttp(bytes)
  if (response?.status !== 101 || !/websocket/i.test(header(response, 'upgrade') ?? '')) return null
  const subprotocol = cleanOrNull(header(response, 'sec-websocket-protocol'), 64)
  const server = cleanOrNull(header(response, 'server'), 64)
  return service('websocket', {
    product: server,
    info: subprotocol && `subprotocol ${subprotocol}`,
    facts: { subprotocol },
  })
}

async function identify(session: Session): Promise<Service | null> {
  const key = Buffer.from(new Writer().u32(session.token).u32(1).u32(2).u32(3).finish()).toString('base64')
  const proof = createHash('sha1').update(`${key}${GUID}`).digest('base64')
  for (const path of PATHS) {
    if (path !== PATHS[0]) await session.reopen()
    await session.write(Buffer.from(upgrade(session, path, key), 'latin1'))
    const answer = await session.readUntil((b) => latin1(b).includes('\r\n\r\n'))
    const known = recognise(answer)
    const response = parseHttp(answer)
    if (known === null || response === null) continue
    if (header(response, 'sec-websocket-accept') !== proof) return { ...known, confidence: 0.6 }
    return /^mqtt/.test(String(known.facts.subprotocol))
      ? ((await attempt(() => mqttInside(session, known))) ?? known)
      : known
  }
  return null
}

function upgrade({ hostname, address, port, client }: Session, path: string, key: string): string {
  const host = hostname ?? (address.includes(':') ? `[${address}]` : address)
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    `User-Agent: Mozilla/5.0 (compatible; ${client.name}${client.url === null ? '' : `; +${client.url}`})`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${SUBPROTOCOLS}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n`
}

const TOPIC = '$SYS/broker/version'

/** A binary frame with a mask of zeros: masked, as clients must, and readable. */
const frame = (payload: Uint8Array) =>
  new Writer()
    .u8(0x82)
    .u8(0x80 | payload.length)
    .u32(0)
    .bytes(payload)
    .finish()

async function mqttInside(session: Session, known: Service): Promise<Service | null> {
  const id = 'portolan'
  const connect = new Writer().u16(4).latin1('MQTT').u8(4).u8(2).u16(60).u16(id.length).latin1(id).finish()
  const subscribe = new Writer().u16(1).u16(TOPIC.length).latin1(TOPIC).u8(0).finish()
  await session.write(frame(new Writer().u8(0x10).u8(connect.length).bytes(connect).finish()))
  const accepted = await session.readUntil((b) => b.length >= 6)
  if (accepted[2] !== 0x20) return null
  await session.write(frame(new Writer().u8(0x82).u8(subscribe.length).bytes(subscribe).finish()))
  const told = latin1(await session.readUntil((b) => latin1(b).includes('version ')))
  const [, product, version] = /\$SYS\/broker\/version(?:\0.)?(\w[\w ]{0,40}) version (\d[\w.-]{0,30})/.exec(told) ?? []
  const name = product === 'mosquitto' ? 'Mosquitto' : cleanOrNull(product, 64)
  return service('mqtt', {
    product: name,
    vendor: name === 'Mosquitto' ? 'Eclipse' : null,
    version: version === undefined ? null : clean(version, 32),
    info: 'over WebSocket',
    cpe: name === 'Mosquitto' ? [cpe('a', 'eclipse', 'mosquitto', version)] : [],
    facts: known.facts,
  })
}
