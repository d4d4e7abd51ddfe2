/** TLS inside protocols that are not text: the certificate is seen, and no authentication begins. */
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { tdsPacket } from '#core/detect/protocols/mssql.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { tdsPayload } from '#core/detect/start-tls-tds.ts'
import { withCertificate } from '#core/detect/start-tls-vnc.ts'
import { certificate, tcpServer } from '#test/support/live-server.ts'

const OURS = { certificate: { subject: 'C=XX, O=Portolan test, CN=harbour.test', keyBits: 2048, selfSigned: true } }

async function startTlsOf(port: number, name: string) {
  const protocols = PROTOCOLS.filter((p) => p.name === name)
  const target = { address: '127.0.0.1', port, transport: 'tcp' } as const
  const detection = await createDetector({ mode: 'light', protocols }).detect(target)
  return detection.status === 'identified' ? detection.service : null
}

/** The server's side of VeNCrypt 0.2; `subtypes` as it offers them. */
const vncServer = (subtypes: readonly number[]) =>
  tcpServer((socket) => {
    const steps: ((asked: Buffer) => Uint8Array)[] = [
      () => Uint8Array.of(2, 2, 19),
      () => Uint8Array.of(0, 2),
      () =>
        Buffer.concat([
          Uint8Array.of(0, subtypes.length),
          ...subtypes.map((s) => Buffer.from([0, 0, s >> 8, s & 255])),
        ]),
      () => Uint8Array.of(1),
    ]
    socket.write('RFB 003.008\n')
    const onData = (asked: Buffer) => {
      const step = steps.shift()
      if (step) socket.write(step(asked))
      if (steps.length > 0) return
      socket.off('data', onData)
      new TLSSocket(socket, { isServer: true, ...certificate() }).on('error', () => {})
    }
    socket.on('data', onData)
  })

/**
 * An XMPP server that serves `domain` alone; to those who ask for another it says `as` in the stream header: servers
 * seen say back what they were asked for, or call themselves.
 */
const xmppServer = (domain: string, as: (asked: string) => string) =>
  tcpServer((socket) => {
    const onData = (data: Buffer) => {
      const to = /\bto='([^']*)'/.exec(data.toString())?.[1]
      const open = (from: string) =>
        `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='${from}' version='1.0'>`
      if (to === domain)
        socket.write(
          `${open(domain)}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`,
        )
      else if (to !== undefined)
        socket.end(
          `${open(as(to))}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
        )
      else if (data.includes('<starttls')) {
        socket.off('data', onData).write(`<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`)
        new TLSSocket(socket, { isServer: true, ...certificate() }).on('error', () => {})
      }
    }
    socket.on('data', onData)
  })

test.each([
  ['the name it called itself', 'chat.harbour.test', () => 'chat.harbour.test', 'chat.harbour.test'],
  ['the one fresh installations serve', 'localhost', (asked: string) => asked, 'localhost'],
  ['its address', '127.0.0.1', (asked: string) => asked, null],
])('XMPP without a name: %s', async (_, domain, as, hostname) => {
  await using server = await xmppServer(domain, as)
  expect(await startTlsOf(server.port, 'xmpp')).toMatchObject({
    name: 'xmpp-client',
    hostname,
    facts: { startTls: OURS },
  })
})

test('XMPP without a name: a server that keeps its own to itself is still known', async () => {
  await using server = await xmppServer('secret.harbour.test', (asked) => asked)
  const found = await startTlsOf(server.port, 'xmpp')
  expect(found).toMatchObject({ name: 'xmpp-client', hostname: null })
  expect(found?.facts.startTls).toBeUndefined()
})

test('VNC: VeNCrypt with a certificate', async () => {
  await using server = await vncServer([257, 261])
  const found = await startTlsOf(server.port, 'vnc')
  expect(found).toMatchObject({ name: 'vnc', facts: { securityTypes: [2, 19], startTls: OURS } })
})

test('VNC: VeNCrypt without any certificate is left alone', async () => {
  await using server = await vncServer([257, 258, 259])
  const found = await startTlsOf(server.port, 'vnc')
  expect(found).toMatchObject({ name: 'vnc', facts: { securityTypes: [2, 19] } })
  expect(found?.facts.startTls).toBeUndefined()
})

/** A stream whose bytes travel in packets of TDS, as SQL Server's handshake does. */
function insideTds(send: (packet: Uint8Array) => void) {
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _, done) {
      for (let at = 0; at < chunk.length; at += 500) send(tdsPacket(chunk.subarray(at, at + 500)))
      done()
    },
  })
  return { stream, receive: (packet: Uint8Array) => stream.push(packet.subarray(8)) }
}

/** PRELOGIN of SQL Server 2022: VERSION 16.0.1000.0, and what it says of encryption. */
const preloginAnswer = (encryption: number) =>
  Buffer.from(`0401001a0000000000000b0006 0100110001 ff 100003e80000 0${encryption}`.replaceAll(' ', ''), 'hex')

test.each([
  ['on', 1, OURS],
  ['required', 3, OURS],
  ['not supported', 2, undefined],
])('SQL Server: encryption %s', async (_, encryption, expected) => {
  await using server = await tcpServer((socket) => {
    const { stream, receive } = insideTds((packet) => socket.write(packet))
    let handshakes = 0
    new TLSSocket(stream, { isServer: true, ...certificate() }).on('error', () => {})
    socket.on('data', (packet: Buffer) =>
      handshakes++ === 0 ? socket.write(preloginAnswer(encryption)) : receive(packet),
    )
  })
  const found = await startTlsOf(server.port, 'mssql')
  expect(found).toMatchObject({ name: 'ms-sql-s', version: '16.00.1000' })
  if (expected === undefined) expect(found?.facts.startTls).toBeUndefined()
  else expect(found?.facts.startTls).toMatchObject(expected)
})

test('whatever a server sends inside: no throw, and nothing that was not sent', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(tdsPayload(bytes).length).toBeLessThanOrEqual(bytes.length)
      expect([null, 260, 261, 262]).toContain(withCertificate(bytes))
    }),
    { numRuns: 5000 },
  )
})
