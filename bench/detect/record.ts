/**
 * Records the conversation of one module with one real server as a fixture.
 *
 *   node bench/detect/record.ts redis redis-7 127.0.0.1 27079 'redis-server 5:7.0.15-1~deb12u10, Debian 12' [--tls]
 *
 * Prints what the module made of it; look at it before you commit it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Mishap, type Session } from '../../packages/core/src/detect/protocol.ts'
import { PROTOCOLS } from '../../packages/core/src/detect/protocols.ts'
import { TcpSession } from '../../packages/core/src/detect/session.ts'
import { UdpSession } from '../../packages/core/src/detect/session-udp.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tls: { type: 'boolean', default: false } },
})
const [name = '', example = '', address = '127.0.0.1', port = '0', source = ''] = positionals
const protocol = PROTOCOLS.find((p) => p.name === name)
if (protocol === undefined) throw new Error(`no protocol ${name}`)

interface Exchange {
  send?: Uint8Array
  reply: Uint8Array
}
const exchange: Exchange[] = []
const heard = (bytes: Uint8Array) => {
  const last = exchange.at(-1)
  if (last === undefined) exchange.push({ reply: bytes })
  else last.reply = Buffer.concat([last.reply, bytes])
  return bytes
}

const token = 0x50_4f_52_54
const options = {
  address,
  port: Number(port),
  hostname: null,
  client: { name: 'Portolan', url: null },
  token,
  connectTimeout: 2000,
  answerTimeout: 3000,
  totalTimeout: 20_000,
  ...(values.tls ? { tls: { profile: 'modern', alpn: protocol.alpn ?? [] } as const } : {}),
}
const live = protocol.transport === 'udp' ? await UdpSession.dial(options) : await TcpSession.dial(options)
const session: Session = {
  transport: live.transport,
  port: live.port,
  address,
  hostname: null,
  token,
  client: live.client,
  get tls() {
    return live.tls
  },
  write: async (bytes) => {
    exchange.push({ send: bytes, reply: new Uint8Array() })
    await live.write(bytes)
  },
  read: async (atLeast) => heard(await live.read(atLeast)),
  readUntil: async (done) => heard(await live.readUntil(done)),
  reopen: () => live.reopen(),
  finish: () => live.finish(),
  startTls: () => live.startTls(),
}

let service = null
try {
  const greeting = protocol.opens === 'server' ? await session.read() : new Uint8Array()
  service = protocol.recognise(greeting)
  if (protocol.identify) service = await protocol.identify(session, greeting)
} catch (error) {
  if (!(error instanceof Mishap)) throw error
  console.error(error.message)
}
live.close()

/** Text where it reads as text, base64 else. */
const field = (key: 'send' | 'reply', bytes: Uint8Array) => {
  const text = Buffer.from(bytes).toString('latin1')
  return /^[\t\r\n -~]*$/.test(text) ? { [`${key}Text`]: text } : { [key]: Buffer.from(bytes).toString('base64') }
}
const { product = null, version = null } = service ?? {}
const fixture = {
  source,
  token,
  ...(values.tls ? { tls: true } : {}),
  exchange: exchange.map((e) => ({ ...(e.send ? field('send', e.send) : {}), ...field('reply', e.reply) })),
  expect: { name: service?.name ?? name, product, version },
}
const folder = path.join(import.meta.dirname, '../../test/fixtures', name)
mkdirSync(folder, { recursive: true })
writeFileSync(path.join(folder, `${example}.json`), `${JSON.stringify(fixture, null, 2)}\n`)
console.log(JSON.stringify(service))
process.exit(0)
