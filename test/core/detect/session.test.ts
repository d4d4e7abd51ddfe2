import { once } from 'node:events'
import { TLSSocket } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { Mishap, type MishapReason } from '#core/detect/protocol.ts'
import { type SessionOptions, TcpSession } from '#core/detect/session.ts'
import { UdpSession } from '#core/detect/session-udp.ts'
import { certificate, talkingServer, tcpServer, tlsServer, udpServer } from '#test/support/live-server.ts'

const options = (port: number, more: Partial<SessionOptions> = {}): SessionOptions => ({
  address: '127.0.0.1',
  port,
  hostname: null,
  client: { name: 'Portolan', url: null },
  token: 7,
  connectTimeout: 1000,
  answerTimeout: 150,
  totalTimeout: 2000,
  ...more,
})
const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (b: Uint8Array) => Buffer.from(b).toString('latin1')

async function mishap(act: Promise<unknown>): Promise<[MishapReason, string]> {
  const error = await act.then(
    () => null,
    (e: unknown) => e,
  )
  if (!(error instanceof Mishap)) throw error ?? new Error('no mishap')
  return [error.reason, text(error.received)]
}

test('talks, waits for enough bytes, and reads until told', async () => {
  await using server = await talkingServer('hello\r\n', (asked) => `you said ${asked}`)
  using session = await TcpSession.dial(options(server.port))
  expect(text(await session.read(7))).toBe('hello\r\n')
  await session.write(bytes('A'))
  expect(text(await session.readUntil((b) => b.includes(65)))).toBe('you said A')
  await session.reopen()
  expect(text(await session.read())).toBe('hello\r\n')
  expect(session.tls).toBe(false)
})

test('every way it can go wrong has its name and keeps what came', async () => {
  await using silent = await talkingServer('hi')
  using session = await TcpSession.dial(options(silent.port))
  expect(await mishap(session.read(100))).toEqual(['timeout', 'hi'])
  await using closing = await tcpServer((socket) => socket.end('bye'))
  using second = await TcpSession.dial(options(closing.port))
  expect(await mishap(second.read(100))).toEqual(['closed', 'bye'])
  expect(await mishap(second.write(bytes('x')))).toEqual(['closed', ''])
  await using resetting = await tcpServer((socket) => socket.resetAndDestroy())
  expect(await mishap(TcpSession.dial(options(resetting.port)).then((s) => s.read()))).toEqual(['reset', ''])
  const { port } = await tcpServer(() => {}).then(async (s) => {
    await s[Symbol.asyncDispose]()
    return s
  })
  expect(await mishap(TcpSession.dial(options(port)))).toEqual(['refused', ''])
})

test('an endless answer ends with the byte budget, one byte at a time with the deadline', async () => {
  const chunk = Buffer.alloc(65_536, 'x')
  await using endless = await tcpServer((socket) => {
    const more = () => socket.writable && socket.write(chunk, more)
    more()
  })
  using session = await TcpSession.dial(options(endless.port, { byteBudget: 100_000 }))
  const read = await session.readUntil(() => false)
  expect(read.length).toBeLessThan(400_000)
  expect((await mishap(session.read()))[0]).toBe('budget')
  await using slow = await tcpServer((socket) => {
    const timer = setInterval(() => socket.write('x'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  using drip = await TcpSession.dial(options(slow.port, { totalTimeout: 300 }))
  const started = performance.now()
  expect((await drip.readUntil(() => false)).length).toBeGreaterThan(3)
  expect(performance.now() - started).toBeLessThan(600)
})

test('an abort ends it at once', async () => {
  await using silent = await talkingServer(null)
  const abort = new AbortController()
  using session = await TcpSession.dial(options(silent.port, { answerTimeout: 10_000, signal: abort.signal }))
  setTimeout(() => abort.abort(), 20)
  expect((await mishap(session.read()))[0]).toBe('closed')
})

test('TLS: facts of the handshake and of the certificate', async () => {
  await using server = await tlsServer((socket) => socket.end('secret'), { ALPNProtocols: ['http/1.1'] })
  const tls = { profile: 'modern', alpn: ['h2', 'http/1.1'] } as const
  using session = await TcpSession.dial(options(server.port, { hostname: 'harbour.test', tls }))
  expect(text(await session.read())).toBe('secret')
  expect(session.tlsFacts).toMatchObject({ protocol: 'TLSv1.3', alpn: 'http/1.1', sni: 'harbour.test' })
  expect(session.tlsFacts?.certificate).toMatchObject({
    subject: 'C=XX, O=Portolan test, CN=harbour.test',
    names: ['harbour.test', '*.harbour.test', '127.0.0.1'],
    keyType: 'rsa',
    keyBits: 2048,
    selfSigned: true,
    expired: false,
  })
  expect(session.tlsFacts?.certificate?.notAfter).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('TLS: old versions, expired certificates, and what fails', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' } as const
  await using rsa = await tlsServer((socket) => socket.end('old'), old)
  await using ec = await tlsServer((socket) => socket.end('old'), { ...old, ...certificate('expired') })
  for (const profile of ['modern', 'plain', 'ancient'] as const) {
    using session = await TcpSession.dial(options(rsa.port, { tls: { profile, alpn: [] } }))
    expect(session.tlsFacts?.protocol).toBe('TLSv1')
  }
  using session = await TcpSession.dial(options(ec.port, { tls: { profile: 'modern', alpn: [] } }))
  expect(session.tlsFacts?.certificate).toMatchObject({ expired: true, keyBits: 256, keyType: 'ec' })
  await using plain = await talkingServer('220 not tls\r\n')
  expect((await mishap(TcpSession.dial(options(plain.port, { tls: { profile: 'modern', alpn: [] } }))))[0]).toBe(
    'tls-failed',
  )
})

test('STARTTLS upgrades and forgets what was said in the clear', async () => {
  await using server = await tcpServer((socket) => {
    socket.once('data', () => {
      socket.pause().removeAllListeners('data')
      socket.write('ready\r\ninjected')
      const secure = new TLSSocket(socket, { isServer: true, ...certificate() })
      secure.on('error', () => {}).write('inside')
    })
  })
  using session = await TcpSession.dial(options(server.port))
  await session.write(bytes('STARTTLS'))
  await session.readUntil((b) => b.includes(10))
  await session.startTls()
  expect(text(await session.read())).toBe('inside')
  expect(session.tls).toBe(true)
})

test('UDP: asks again when the question got lost, and gives up', async () => {
  let asked = 0
  await using server = await udpServer((question, from, socket) => {
    if (++asked === 2) socket.send(`pong ${question}`, from.port, from.address)
  })
  using session = await UdpSession.dial(options(server.port))
  await session.write(bytes('ping'))
  expect(text(await session.read())).toBe('pong ping')
  await session.write(bytes('more'))
  expect((await mishap(session.read()))[0]).toBe('timeout')
})

test('an answer that came while the process was busy is heard', async () => {
  // On a thread of its own: this one is busy.
  const worker = new Worker(
    `const { createServer } = require('node:net'); const { parentPort } = require('node:worker_threads')
     const server = createServer((s) => s.on('error', () => {}).on('data', () => setTimeout(() => s.write('late'), 20)))
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true },
  )
  try {
    const [port] = await once(worker, 'message')
    using session = await TcpSession.dial(options(port, { answerTimeout: 100 }))
    await session.write(bytes('A'))
    const reading = session.read()
    // Busy in the phase of the loop that timers come after, and sockets only then.
    await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    expect(text(await reading)).toBe('late')
  } finally {
    await worker.terminate()
  }
})
