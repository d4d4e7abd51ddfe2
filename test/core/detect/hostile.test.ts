/**
 * Servers that mean harm, against the whole of what is built in: every examination ends in its time with a verdict and
 * evidence, memory does not follow what was sent, text is harmless, and the next endpoint is detected as if alone.
 */
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import type { Detection } from '#core/detect/protocol.ts'
import { fixturesOf } from '#test/support/fixture.ts'
import { type LiveServer, talkingServer, tcpServer } from '#test/support/live-server.ts'

/** Milliseconds an endpoint may take here; a loaded machine may add as much again before a test complains. */
const TIME = 4000
const detector = createDetector({ mode: 'light', timeout: TIME })
const detect = (server: LiveServer): Promise<Detection> =>
  detector.detect({ address: '127.0.0.1', port: server.port, transport: 'tcp' })

/** Writes pieces for as long as the other side reads. */
function flood(socket: Socket, piece: Uint8Array): void {
  const more = () => socket.writable && socket.write(piece, more)
  more()
}
const drip = (socket: Socket, bytes: Uint8Array, every: number): void => {
  let at = 0
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), every)
  socket.on('close', () => clearInterval(timer))
}
const asked = (socket: Socket, answer: (question: Buffer) => void) => socket.once('data', answer)
const text = (t: string) => Buffer.from(t, 'latin1')
const tls = fixturesOf('ssl').find((f) => f.name === 'ssl/tls12')?.exchange[0]?.reply ?? new Uint8Array()
const record = (type: number, body: Uint8Array) =>
  Buffer.concat([Uint8Array.of(type, 3, 3, body.length >> 8, body.length & 255), body])
const EVIL = '\0\x1b[31m\x1b]0;owned\x07\u202e\u2066\u200b\x9b2J'

/** A certificate message of a megabyte, in as many records as it takes. */
function hugeCertificate(): Buffer {
  const der = Buffer.concat([Uint8Array.of(0x30, 0x83, 0x0f, 0xff, 0xf0), Buffer.alloc(1_048_560, 0x30)])
  const u24 = (n: number) => Uint8Array.of(n >> 16, (n >> 8) & 255, n & 255)
  const message = Buffer.concat([Uint8Array.of(11), u24(der.length + 6), u24(der.length + 3), u24(der.length), der])
  const pieces: Buffer[] = []
  for (let at = 0; at < message.length; at += 16_000) pieces.push(record(22, message.subarray(at, at + 16_000)))
  const [hello] = [tls.subarray(0, 5 + (((tls[3] ?? 0) << 8) | (tls[4] ?? 0)))]
  return Buffer.concat([hello, ...pieces])
}

const onHello = (socket: Socket, act: () => void) => asked(socket, (q) => (q[0] === 22 ? act() : socket.end()))

const HOSTILE: Readonly<Record<string, (socket: Socket) => void>> = {
  'an endless banner': (s) => flood(s, Buffer.alloc(65_536, 'A')),
  'an endless line of an HTTP header': (s) =>
    asked(s, () => s.write('HTTP/1.1 200 OK\r\nServer: ') && flood(s, Buffer.alloc(65_536, 'x'))),
  'endless HTTP headers': (s) =>
    asked(s, () => s.write('HTTP/1.1 200 OK\r\n') && flood(s, text('X-A: b\r\n'.repeat(8000)))),
  'one byte a tenth of a second': (s) => drip(s, Buffer.alloc(10_000, 'slow '), 100),
  'a status line, byte by byte': (s) =>
    asked(s, () => drip(s, text('HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\n'), 100)),
  'a gzip bomb': (s) =>
    asked(s, () => s.end(Buffer.concat([text('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'), BOMB]))),
  'TLS that stalls after the hello': (s) => onHello(s, () => s.write(tls.subarray(0, 60))),
  'TLS that stalls before the certificate ends': (s) => onHello(s, () => s.write(tls.subarray(0, 500))),
  'TLS that stalls after its flight': (s) => onHello(s, () => s.write(tls)),
  'TLS that drips': (s) => onHello(s, () => drip(s, tls, 50)),
  'TLS of warnings without end': (s) =>
    onHello(s, () => flood(s, Buffer.concat(Array(2000).fill(record(21, Uint8Array.of(1, 100)))))),
  'TLS of empty records without end': (s) =>
    onHello(s, () => flood(s, Buffer.concat(Array(2000).fill(record(22, new Uint8Array()))))),
  'a certificate of a megabyte': (s) => onHello(s, () => s.write(hugeCertificate())),
  'ASN.1 nested without end': (s) => asked(s, () => s.end(Buffer.alloc(60_000, Uint8Array.of(0x30, 0x80)))),
  'BER with lengths of four gigabytes': (s) =>
    asked(s, () => s.end(Buffer.alloc(4000, Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)))),
  'JSON nested without end': (s) =>
    asked(s, () => s.end(text(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${'[{"a":'.repeat(20_000)}`))),
  'XML nested without end': (s) =>
    asked(s, () => s.end(text(`<?xml version='1.0'?>${'<stream:stream a="b">'.repeat(5000)}`))),
  'BSON nested without end': (s) =>
    asked(s, () => s.end(Buffer.alloc(60_000, Uint8Array.of(0xff, 0xff, 0, 0, 3, 0x61, 0)))),
  'every length too long': (s) => asked(s, () => s.end(Buffer.alloc(20_000, 0xff))),
  'every length zero': (s) => asked(s, () => flood(s, Buffer.alloc(20_000, 0))),
  'another protocol with each line': (s) => {
    s.write('220 a.example ESMTP ready\r\n')
    const turns = [
      'SSH-2.0-OpenSSH_9.2p1\r\n',
      '+OK pop\r\n',
      '* OK imap\r\n',
      '\x15\x03\x03\x00\x02\x02\x28',
      'RFB 003.008\n',
    ]
    s.on('data', () => s.write(turns.shift() ?? 'HTTP/1.1 200 OK\r\n\r\n', 'latin1'))
  },
  'redirects to itself': (s) =>
    s.on('data', () => s.end('HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n')),
}
let BOMB: Buffer
beforeAll(() => {
  BOMB = gzipSync(Buffer.alloc(50_000_000))
})

const healthy = () => talkingServer('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n')
const peaks: number[] = []
const sampler = setInterval(() => peaks.push(process.memoryUsage().rss), 50)
afterAll(() => clearInterval(sampler))

test.concurrent.each(Object.entries(HOSTILE))('%s', { timeout: 60_000 }, async (_, talk) => {
  await using server = await tcpServer(talk)
  await using neighbour = await healthy()
  const started = performance.now()
  const [detection, next] = await Promise.all([detect(server), detect(neighbour)])
  expect(performance.now() - started).toBeLessThan(TIME * 5)
  expect(detection.evidence.length).toBeLessThanOrEqual(4096)
  expect(JSON.stringify(detection).length).toBeLessThan(64_000)
  expect(next).toMatchObject({ service: { name: 'ssh', product: 'OpenSSH', version: '9.2p1' } })
})

test('memory did not follow what was sent', () => {
  // The floods alone could have brought gigabytes.
  expect(Math.max(...peaks) - (peaks[0] ?? 0)).toBeLessThan(600_000_000)
})

const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/
function* strings(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const [k, v] of Object.entries(value)) yield* [k, ...strings(v)]
}

test.concurrent.each([
  `220 evil${EVIL}.example ESMTP Postfix${EVIL}\r\n`,
  `220 ProFTPD${EVIL} 1.3.5${EVIL} Server (Debian${EVIL}) [1.2.3.4]\r\n`,
  `SSH-2.0-OpenSSH${EVIL}_9.2${EVIL} Debian${EVIL}\r\n`,
  `* OK [CAPABILITY IMAP4rev1] Dovecot${EVIL} ready.\r\n`,
  `+OK Dovecot${EVIL} ready ${EVIL}.\r\n`,
  `200 news${EVIL}.example InterNetNews${EVIL} server INN 2.7${EVIL} ready\r\n`,
  `J\0\0\0\n8.0.36${EVIL}-MariaDB${EVIL}\0${'x'.repeat(60)}`,
  `HTTP/1.1 200 OK\r\nServer: quay${EVIL}/1.2${EVIL} (Ubuntu${EVIL})\r\nWWW-Authenticate: Basic realm="a${EVIL}"\r\nLocation: /${EVIL}\r\n\r\n<title>in${EVIL}ner</title>`,
  `RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: cam${EVIL}/2${EVIL}\r\n\r\n`,
  `SIP/2.0 200 OK\r\nServer: pbx${EVIL} 1.2${EVIL}\r\nCSeq: 1 OPTIONS\r\nVia: SIP/2.0/TCP a\r\n\r\n`,
])('no field holds what a terminal or a reader could stumble over: %j', { timeout: 60_000 }, async (reply) => {
  for (const encoding of ['utf8', 'latin1'] as const) {
    const bytes = Buffer.from(reply, encoding)
    await using server = await talkingServer(/^[HRS][TI][TSP]/.test(reply) ? null : bytes, () => bytes)
    const { evidence: _, ...told } = await detect(server)
    expect([...strings(told)].filter((s) => UNSAFE.test(s))).toEqual([])
  }
})

test('evidence is what was sent, byte for byte', async () => {
  const banner = Buffer.concat([
    text('\0\x1b[2Jnobody knows this\r\n'),
    Buffer.alloc(8000, createHash('sha256').update('x').digest()),
  ])
  await using server = await tcpServer((socket) => socket.write(banner))
  const { status, evidence } = await detect(server)
  expect(status).toBe('unidentified')
  expect(Buffer.from(evidence)).toEqual(banner.subarray(0, 4096))
})
