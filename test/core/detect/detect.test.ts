/** The runner against real sockets: order, narrowing, TLS, verdicts, limits. Modules are stand-ins made here. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { createDetector, type DetectorOptions } from '#core/detect/detect.ts'
import { LIMITS } from '#core/detect/plan.ts'
import type { Protocol, Session } from '#core/detect/protocol.ts'
import { ssl } from '#core/detect/protocols/ssl.ts'
import { service } from '#core/detect/service.ts'
import { startsWith } from '#core/detect/text.ts'
import { type LiveServer, talkingServer, tcpServer, tlsServer, udpServer } from '#test/support/live-server.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

/** A protocol whose server greets with a word. */
const greets = (name: string, word: string): Protocol => ({
  name,
  transport: 'tcp',
  ports: [],
  opens: 'server',
  recognise: (b) => (startsWith(b, word) ? service(name, { version: Buffer.from(b).toString().trim() }) : null),
})

/** A protocol whose server answers one word with another. */
const answers = (name: string, question: string, answer: string, more: Partial<Protocol> = {}): Protocol => {
  const recognise = (b: Uint8Array) => (startsWith(b, answer) ? service(name) : null)
  const identify = async (session: Session) => {
    await session.write(bytes(question))
    const reply = await session.read()
    return recognise(reply) && service(name, { product: session.tls ? 'inside' : 'bare', info: `${session.token}` })
  }
  return { name, transport: 'tcp', ports: [], opens: 'client', recognise, identify, ...more }
}

const known = [greets('hi', 'HELLO'), answers('ping', 'PING', 'PONG'), answers('knock', 'KNOCK', 'WHO')]
const detect = (server: { port: number }, more: DetectorOptions = {}, transport: 'tcp' | 'udp' = 'tcp') =>
  createDetector({ mode: 'light', protocols: known, random: () => 0.5, ...more }).detect({
    address: '127.0.0.1',
    port: server.port,
    transport,
  })

const answering = (question: string, answer: string): Promise<LiveServer> =>
  talkingServer(null, (asked) => (asked.toString('latin1').startsWith(question) ? answer : null))

test('a greeting takes one connection and no question', async () => {
  let asked = 0
  await using server = await tcpServer((socket) => {
    socket.on('data', () => asked++)
    socket.write('HEL')
    setTimeout(() => socket.write('LO 1.2\r\n'), 10)
  })
  expect(await detect(server)).toMatchObject({ status: 'identified', service: { name: 'hi', version: 'HELLO 1.2' } })
  expect([server.accepted, asked]).toEqual([1, 0])
})

test('a late greeting is still heard', async () => {
  await using server = await tcpServer((socket) => setTimeout(() => socket.write('HELLO late\r\n'), 1200))
  expect(await detect(server)).toMatchObject({ status: 'identified', service: { name: 'hi' } })
})

test('questions find a silent server, whatever its port', async () => {
  await using server = await answering('KNOCK', 'WHO')
  expect(await detect(server)).toMatchObject({
    status: 'identified',
    tls: null,
    service: { name: 'knock', info: '2147483648' },
  })
})

test('an answer to a foreign question narrows to the module that knows it', async () => {
  // Says WHO to whatever it hears first, and to KNOCK: the module that asked PING must not end the search.
  await using server = await talkingServer(null, () => 'WHO')
  const detection = await detect(server, { protocols: [known[1]!, known[2]!] })
  expect(detection).toMatchObject({ service: { name: 'knock', product: 'bare' } })
})

test('TLS is found on any port, and everything again inside it', async () => {
  await using greeting = await tlsServer((socket) => socket.write('HELLO in there\r\n'))
  expect(await detect(greeting)).toMatchObject({ tls: { protocol: 'TLSv1.3' }, service: { name: 'hi' } })
  await using asking = await tlsServer((socket) =>
    socket.on('data', (d) => `${d}`.startsWith('KNOCK') && socket.write('WHO')),
  )
  expect(await detect(asking)).toMatchObject({
    status: 'identified',
    tls: { certificate: { names: ['harbour.test', '*.harbour.test', '127.0.0.1'] } },
    service: { name: 'knock', product: 'inside' },
  })
  await using unknown = await tlsServer(() => {})
  expect(await detect(unknown, { timeout: 1500 })).toMatchObject({
    status: 'unidentified',
    tls: { protocol: 'TLSv1.3' },
  })
})

test('a server that agrees on none of the protocols offered is asked again without an offer', async () => {
  const own = { ALPNProtocols: ['own/1.0'], minVersion: 'TLSv1.3' } as const
  await using server = await tlsServer((socket) => socket.write('HELLO in there\r\n'), own)
  expect(await detect(server)).toMatchObject({ tls: { protocol: 'TLSv1.3', alpn: null }, service: { name: 'hi' } })
})

test('nobody is identified by silence who hangs up on a caller that has said nothing', async () => {
  await using server = await tcpServer((socket) => socket.end())
  const guesses = { ...answers('pause', 'X', 'Y'), identify: async () => service('pause', { confidence: 0.9 }) }
  expect((await detect(server, { protocols: [guesses] })).status).not.toBe('identified')
})

test('who waits inside TLS to be asked is listened to no longer than it takes to ask', async () => {
  await using server = await tlsServer((socket) => socket.on('data', () => socket.write('PONG')))
  const limit = AbortSignal.timeout(LIMITS.all.listen)
  expect(await detect(server, { mode: 'all' })).toMatchObject({ service: { name: 'ping', product: 'inside' } })
  expect(limit.aborted).toBe(false)
})

test('a refusal of plain words by TLS is the beginning, not the end', async () => {
  await using inner = await tlsServer((socket) => socket.write('HELLO in there\r\n'))
  // InspIRCd with GnuTLS does this: an alert to words, and a healthy handshake to those who know how.
  await using server = await tcpServer((socket) =>
    socket.once('data', (first) => {
      if (first[0] !== 0x16) return socket.end(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10))
      const inside = connect(inner.port, '127.0.0.1').on('error', () => socket.destroy())
      inside.write(first)
      socket.pipe(inside).pipe(socket)
    }),
  )
  const protocols = [answers('knock', 'KNOCK', 'WHO'), ...known, ssl]
  expect(await detect(server, { protocols })).toMatchObject({ tls: { protocol: 'TLSv1.3' }, service: { name: 'hi' } })
})

test('an unsure answer waits for TLS to have its say', async () => {
  const unsure: Protocol = { ...answers('ping', 'PING', 'PONG'), recognise: () => null }
  const hedged: Protocol = {
    ...unsure,
    identify: async (session) => {
      const found = await unsure.identify?.(session, new Uint8Array())
      return found ? { ...found, confidence: 0.6 } : null
    },
  }
  await using server = await answering('PING', 'PONG')
  expect(await detect(server, { protocols: [hedged] })).toMatchObject({ service: { name: 'ping', confidence: 0.6 } })
})

test('verdicts on those nobody knows', async () => {
  await using stranger = await talkingServer('GUTEN TAG\r\n')
  const unidentified = await detect(stranger)
  expect(unidentified).toMatchObject({ status: 'unidentified', tls: null })
  expect(Buffer.from(unidentified.evidence).toString()).toBe('GUTEN TAG\r\n')
  await using silent = await talkingServer(null)
  expect(await detect(silent, { timeout: 2500 })).toMatchObject({ status: 'silent' })
  await using closer = await tcpServer((socket) => socket.end())
  expect(await detect(closer)).toMatchObject({ status: 'tcpwrapped' })
})

test('a wrapper whose reset comes before a busy machine has seen its connection made is a wrapper', async () => {
  const script = `const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer((socket) => socket.resetAndDestroy())
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`
  const elsewhere = new Worker(script, { eval: true })
  const [port] = await once(elsewhere, 'message')
  const busy = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40), 0)
  try {
    expect(await detect({ port })).toMatchObject({ status: 'tcpwrapped' })
  } finally {
    clearInterval(busy)
    await elsewhere.terminate()
  }
})

test('printers are listened to, never asked', async () => {
  const { inOrder, isListenOnly } = await import('#core/detect/plan.ts')
  expect([9099, 9100, 9107, 9108].map((port) => isListenOnly(port))).toEqual([false, true, true, false])
  expect(inOrder(known, 1).map((p) => p.name)).toHaveLength(known.length)
})

test.each([1, 2, 5])('never more than %i connections to one host, however many endpoints', async (limit) => {
  // Ours, not the server's: to that, one we have closed is open until it has read so.
  const opened = new Set<Socket>()
  let peak = 0
  const count = (message: unknown) => {
    // because that is what the channel of every connecting socket carries
    opened.add((message as { socket: Socket }).socket)
    peak = Math.max(peak, [...opened].filter((socket) => !socket.destroyed).length)
  }
  subscribe('net.client.socket', count)
  const serve = () =>
    tcpServer((socket) =>
      socket.on('data', (d) => (`${d}`.startsWith('KNOCK') ? socket.write('WHO') : socket.destroy())),
    )
  const servers = await Promise.all(Array.from({ length: 4 }, serve))
  const detector = createDetector({ mode: 'light', protocols: known, perHostConnections: limit })
  const found = await Promise.all(
    servers.map(({ port }) => detector.detect({ address: '127.0.0.1', port, transport: 'tcp' })),
  )
  unsubscribe('net.client.socket', count)
  expect(found.map((d) => d.status)).toEqual(Array(4).fill('identified'))
  expect(opened.size).toBeGreaterThan(4)
  expect(peak).toBeLessThanOrEqual(limit)
  await Promise.all(servers.map((s) => s[Symbol.asyncDispose]()))
})

test('a cancelled detection ends at once', async () => {
  await using silent = await talkingServer(null)
  const started = performance.now()
  const target = { address: '127.0.0.1', port: silent.port, transport: 'tcp' } as const
  await createDetector({ protocols: known }).detect(target, AbortSignal.timeout(100))
  expect(performance.now() - started).toBeLessThan(1000)
})

test('UDP: asks what the port suggests and everything else, recognises the reply it was given', async () => {
  const udp = answers('echo-like', 'ASK', 'TOLD', { transport: 'udp' })
  await using server = await udpServer((question, from, socket) => {
    if (`${question}` === 'ASK') socket.send('TOLD', from.port, from.address)
  })
  expect(await detect(server, { protocols: [udp] }, 'udp')).toMatchObject({
    service: { name: 'echo-like', product: 'bare' },
  })
  await using mute = await udpServer(() => {})
  const detector = createDetector({ mode: 'light', protocols: [{ ...udp, identify: async () => null }] })
  const target = { address: '127.0.0.1', port: mute.port, transport: 'udp', firstReply: bytes('TOLD') } as const
  expect(await detector.detect(target)).toMatchObject({ service: { name: 'echo-like' } })
  expect(await detect(mute, { protocols: [udp] }, 'udp')).toMatchObject({ status: 'silent' })
})

/** Accepts nobody while somebody is connected, as Quassel's core does until it is configured. */
async function oneAtATime(talk: (socket: Socket) => void) {
  const door = createServer((socket) => {
    door.close()
    talk(socket.on('error', () => {}).on('close', () => open && door.listen(port, '127.0.0.1')))
  })
  let open = true
  await once(door.listen(0, '127.0.0.1'), 'listening')
  // because a server on a TCP port has an address of this kind
  const { port } = door.address() as AddressInfo
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      open = false
      await new Promise((resolve) => door.close(resolve))
    },
  }
}

test.each([
  ['at home on the port', true],
  ['on a port that says nothing', false],
])('who refuses the second connection is asked one at a time: %s', async (_, home) => {
  await using server = await oneAtATime((socket) =>
    socket.on('data', (d) => (`${d}`.startsWith('LAST') ? socket.write('HERE') : socket.destroy())),
  )
  const last = answers('last', 'LAST', 'HERE', home ? { ports: [server.port] } : {})
  const found = await detect(server, { protocols: [...known, last] })
  expect(found).toMatchObject({ status: 'identified', service: { name: 'last' } })
})

test('a device with room for one that hangs up on the second is asked again, alone', async () => {
  let open = 0
  await using server = await tcpServer((socket) => {
    if (++open > 1) socket.destroy()
    socket.on('close', () => open--).on('data', (d) => `${d}`.startsWith('PING') && socket.write('PONG'))
  })
  const protocols = [answers('ping', 'PING', 'PONG', { ports: [server.port] })]
  expect(await detect(server, { protocols })).toMatchObject({ status: 'identified', service: { name: 'ping' } })
})

test('who refuses everybody after the first connection is let alone soon', async () => {
  let accepted = 0
  const door = createServer((socket) => {
    accepted++
    socket.on('error', () => {})
    door.close()
  })
  await once(door.listen(0, '127.0.0.1'), 'listening')
  // because a server on a TCP port has an address of this kind
  const { port } = door.address() as AddressInfo
  const many = Array.from({ length: 50 }, (_, i) => answers(`a${i}`, `Q${i}`, `A${i}`))
  const limit = AbortSignal.timeout(LIMITS.default.total / 2)
  expect(await detect({ port }, { mode: 'default', protocols: many })).toMatchObject({ status: 'silent' })
  expect([accepted, limit.aborted]).toEqual([1, false])
})
