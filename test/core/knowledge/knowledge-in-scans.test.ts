/** A user's files, read from disk and used beside all that is built in, against real servers: each directive has its effect. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { createIdentify } from '#core/detect/identify.ts'
import type { Mode } from '#core/detect/plan.ts'
import { type Knowledge, loadKnowledge } from '#core/knowledge/load-knowledge.ts'
import { talkingServer, tcpServer, tlsServer, udpServer } from '#test/support/live-server.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'portolan-knowledge-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const probes = (text: string): Promise<Knowledge> => {
  const file = path.join(folder, `probes-${files++}`)
  writeFileSync(file, text)
  return loadKnowledge({ probes: [file], recog: [] })
}
const detect = (
  { protocols }: Knowledge,
  { port }: { readonly port: number },
  mode: Mode = 'light',
  transport: 'tcp' | 'udp' = 'tcp',
) => createDetector({ mode, protocols, timeout: 30_000 }).detect({ address: '127.0.0.1', port, transport })

/** A server that answers one question, and keeps all it was asked. */
async function answering(question: string, answer: string, after = 0) {
  const asked: string[] = []
  const server = await tcpServer((socket) =>
    socket.on('data', (bytes) => {
      asked.push(bytes.toString('latin1'))
      if (bytes.toString('latin1') === question) setTimeout(() => socket.write(answer), after)
    }),
  )
  return { port: server.port, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe.concurrent('a probe file', { timeout: 60_000 }, () => {
  test('probe and match: a service only the user knows', async () => {
    await using server = await answering('WIDGET?\r\n', 'WIDGET/2.5 on alpha\r\n')
    const known = await probes(
      'Probe TCP Ask q|WIDGET?\\r\\n|\nrarity 1\nmatch widget m|^WIDGET/([\\d.]+)| p/Acme Widget/ v/$1/\n',
    )
    expect(await detect(known, server)).toMatchObject({
      service: { name: 'widget', product: 'Acme Widget', version: '2.5' },
    })
  })

  test('softmatch: a guess, which leads to the probes that can tell more', async () => {
    const file = `Probe TCP NULL q||
softmatch acme m|^ACME |
Probe TCP Version q|VER\\r\\n|
rarity 2
match acme m|^ACME hello\\r\\nACME ([\\d.]+)| p/Acme Hub/ v/$1/
`
    const asked: string[] = []
    await using hub = await talkingServer('ACME hello\r\n', (question) => {
      asked.push(question.toString('latin1'))
      return `${question}` === 'VER\r\n' ? 'ACME 3.1\r\n' : null
    })
    const known = await probes(file)
    expect(await detect(known, hub)).toMatchObject({ service: { name: 'acme', product: 'Acme Hub', version: '3.1' } })
    expect(asked[0]).toBe('VER\r\n')
    await using mute = await talkingServer('ACME hello\r\n')
    const guess = await detect(known, mute)
    expect(guess).toMatchObject({ status: 'identified', service: { name: 'acme', product: null, version: null } })
    expect(guess.status === 'identified' && guess.service.confidence).toBeLessThan(0.5)
  })

  test('fallback: what another probe has patterns for', async () => {
    await using server = await answering('FIRST', 'second 4.4')
    const patterns = 'match second m|^second ([\\d.]+)$| p/Second/ v/$1/\n'
    const first = (fallback: string) =>
      `Probe TCP First q|FIRST|\nrarity 1\n${fallback}Probe TCP Second q|SECOND|\nrarity 9\n${patterns}`
    const found = { service: { name: 'second', product: 'Second', version: '4.4' } }
    expect(await detect(await probes(first('fallback Second\n')), server)).toMatchObject(found)
  })

  test('rarity and ports: a rare question is put on its own ports alone', async () => {
    await using server = await answering('RARE', 'RARE 1')
    const rare = (ports: number) =>
      `Probe TCP Rare q|RARE|\nrarity 9\nports ${ports}\nmatch rare m|^RARE (\\d)| p/Rare/ v/$1/\n`
    expect((await detect(await probes(rare(1)), server)).status).not.toBe('identified')
    expect(server.asked).not.toContain('RARE')
    expect(await detect(await probes(rare(server.port)), server)).toMatchObject({ service: { product: 'Rare' } })
  })

  test('sslports: TLS comes first there, and the question inside it', async () => {
    await using server = await tlsServer((socket) =>
      socket.on('data', (bytes) => `${bytes}` === 'SECRET' && socket.write('RING 7')),
    )
    const first: number[] = []
    const front = createServer((socket) => {
      socket.once('data', (bytes) => first.push(bytes[0] ?? 0))
      pipeTo(socket, server.port)
    })
    await once(front.listen(0, '127.0.0.1'), 'listening')
    // because a server on a TCP port has an address of this kind
    const { port } = front.address() as AddressInfo
    const known = await probes(
      `Probe TCP Secret q|SECRET|\nrarity 9\nsslports ${port}\nmatch ring m|^RING (\\d)| p/Ring/ v/$1/\n`,
    )
    const found = await detect(known, { port })
    front.close()
    expect(found).toMatchObject({
      tls: { protocol: 'TLSv1.3' },
      service: { name: 'ring', product: 'Ring', version: '7' },
    })
    expect(new Set(first)).toEqual(new Set([0x16]))
  })

  test('totalwaitms: a slow answer is waited for', async () => {
    await using server = await answering('SLOW', 'SLOW 1', 1500)
    const slow = (wait: string) => `Probe TCP Slow q|SLOW|\nrarity 1\n${wait}match slow m|^SLOW (\\d)| p/Slow/ v/$1/\n`
    expect((await detect(await probes(slow('')), server)).status).not.toBe('identified')
    expect(await detect(await probes(slow('totalwaitms 4000\n')), server)).toMatchObject({
      service: { product: 'Slow' },
    })
  })

  test('Exclude: those ports are listened to and asked nothing', async () => {
    await using server = await answering('ASK', 'TOLD 1')
    const file = (exclude: string) => `${exclude}Probe TCP Ask q|ASK|\nrarity 1\nmatch told m|^TOLD| p/Told/\n`
    const known = await probes(file(`Exclude T:${server.port}\n`))
    expect((await detect(known, server)).status).toBe('silent')
    expect(server.asked).toEqual([])
    expect(await detect(await probes(file('')), server)).toMatchObject({ service: { product: 'Told' } })
  })

  test('probes over UDP', async () => {
    await using server = await udpServer((bytes, from, socket) => {
      if (`${bytes}` === 'WHO') socket.send('NODE/9', from.port, from.address)
    })
    const known = await probes('Probe UDP Who q|WHO|\nrarity 1\nmatch node m|^NODE/(\\d)| p/Node/ v/$1/\n')
    expect(await detect(known, server, 'light', 'udp')).toMatchObject({ service: { name: 'node', version: '9' } })
  })

  test('what is built in stays what proved itself, and the patterns fill what it does not know', async () => {
    const page = 'HTTP/1.1 200 OK\r\nX-Engine: Acme Gate 4.2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
    await using server = await talkingServer(null, () => page)
    const known = await probes(
      'Probe TCP Get q|GET / HTTP/1.0\\r\\n\\r\\n|\nmatch http m|^HTTP/1.*X-Engine: ([A-Za-z ]+) ([\\d.]+)|s p/$1/ v/$2/\n',
    )
    const found = { name: 'http', product: 'Acme Gate', version: '4.2' }
    const seen = await detect(known, server)
    expect(seen).toMatchObject({ service: found })
    expect(seen.status === 'identified' && seen.service.confidence).toBeGreaterThan(0.9)
    expect(createIdentify(known.protocols)({ transport: 'tcp', data: Buffer.from(page) })).toMatchObject(found)
  })

  test('patterns that cannot be translated are counted and said, and the others used', async () => {
    const { notes } = await probes('Probe TCP NULL q||\nmatch a m|^(?=A)B|\nmatch a m|^(A)\\1|\nmatch a m|^AHA|\n')
    expect(notes[0]).toMatch(/: 1 patterns are used, 2 are not \(1 for look-around, 1 for back reference\)$/)
  })
})

function pipeTo(socket: Socket, port: number): void {
  const inside = connect(port, '127.0.0.1').on('error', () => socket.destroy())
  socket.on('error', () => inside.destroy()).on('close', () => inside.destroy())
  socket.pipe(inside).pipe(socket)
}

describe.concurrent('a folder of Recog files', { timeout: 60_000 }, () => {
  const database = (matches: string, pattern: string, params: string) =>
    `<fingerprints matches="${matches}" preference="0.90"><fingerprint pattern="${pattern}">${params}</fingerprint></fingerprints>`
  const product = (name: string) =>
    `<param pos="0" name="service.product" value="${name}"/><param pos="1" name="service.version"/>`
  let known: Knowledge
  beforeAll(async () => {
    const recog = mkdtempSync(path.join(folder, 'recog-'))
    const add = (name: string, text: string) => writeFileSync(path.join(recog, `${name}.xml`), text)
    add('titles', database('html_title', '^Acme Console ([\\d.]+)$', product('Acme Console')))
    add('ssh', database('ssh.banner', '^Harbour_([\\d.]+)$', product('Harbour Shell')))
    add('agents', database('sip_header.user_agent', '^Quay PBX ([\\d.]+)$', product('Quay PBX')))
    add('bad', database('http_header.server', '^a(?=b)', ''))
    add('unknown', database('operating_system.name', '^x', ''))
    known = await loadKnowledge({ probes: [], recog: [recog] })
  })

  test('is used in scans: a title, a greeting, a header over UDP', async () => {
    const page = '<html><title>Acme Console 8.1</title></html>'
    await using web = await talkingServer(
      null,
      () => `HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\nConnection: close\r\n\r\n${page}`,
    )
    expect(await detect(known, web)).toMatchObject({
      service: { name: 'http', product: 'Acme Console', version: '8.1' },
    })
    await using ssh = await talkingServer('SSH-2.0-Harbour_6.1\r\n')
    expect(await detect(known, ssh)).toMatchObject({
      service: { name: 'ssh', product: 'Harbour Shell', version: '6.1' },
    })
    await using sip = await udpServer((bytes, from, socket) => {
      const headers = `${bytes}`.match(/^(?:Via|From|To|Call-ID|CSeq):.*$/gim)?.join('\r\n') ?? ''
      socket.send(`SIP/2.0 200 OK\r\n${headers}\r\nUser-Agent: Quay PBX 2.0\r\n\r\n`, from.port, from.address)
    })
    expect(await detect(known, sip, 'light', 'udp')).toMatchObject({ service: { name: 'sip', product: 'Quay PBX' } })
  })

  test('says what is not used', () => {
    expect(known.notes).toEqual([
      expect.stringMatching(/: 4 patterns are used, 1 are not \(1 for look-around\)$/),
      expect.stringMatching(/left out: operating_system\.name$/),
    ])
  })
})
