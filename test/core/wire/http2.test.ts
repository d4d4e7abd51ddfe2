/** HPACK and frames against what nghttp2 (Node.js) really sends. */
import { once } from 'node:events'
import { createServer } from 'node:http2'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { readHeaderBlock } from '#core/wire/hpack.ts'
import { http2Get, parseHttp2 } from '#core/wire/http2.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { mutate, randomBytes, seeded } from '#test/support/mutate.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const block = (text: string) => orNull(() => readHeaderBlock(new Reader(hex(text))))

test('the examples of RFC 7541 appendix C', () => {
  expect(block('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572')).toEqual([
    ['custom-key', 'custom-header'],
  ])
  expect(block('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')).toEqual([
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ])
  expect(block('ff80 8080 8080 01')).toBeNull()
  expect(block('c5')).toBeNull()
})

async function answerOf(headers: Record<string, string>, body: string) {
  const server = createServer((_, response) => {
    response.writeHead(200, headers)
    response.end(body)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  socket.write(
    http2Get([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':authority', 'a.example'],
      [':path', '/'],
    ]),
  )
  let bytes: Uint8Array = new Uint8Array()
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk])
    if (parseHttp2(bytes)?.complete) break
  }
  server.close()
  return bytes
}

test('every character survives a real server’s Huffman coding', async () => {
  const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i)).trim()
  const padded = `${'e'.repeat(300)}${printable}`
  const answer = parseHttp2(await answerOf({ 'x-all': padded, server: 'quay/1.2' }, 'hello'))
  expect(answer).toMatchObject({ complete: true, goAway: null })
  expect(answer?.headers).toContainEqual([':status', '200'])
  expect(answer?.headers).toContainEqual(['server', 'quay/1.2'])
  expect(answer?.headers).toContainEqual(['x-all', padded])
  expect(Buffer.from(answer?.body ?? []).toString()).toBe('hello')
})

test('hostile frames and blocks neither throw nor hang', async () => {
  const random = seeded('http2')
  const real = await answerOf({ server: 'quay/1.2' }, 'x'.repeat(500))
  for (let i = 0; i < 3000; i++) parseHttp2(mutate(real, random))
  for (let i = 0; i < 3000; i++) orNull(() => readHeaderBlock(new Reader(randomBytes(random))))
  expect(orNull(() => readHeaderBlock(new Reader(new Uint8Array(65_536).fill(0x82))))).toHaveLength(200)
})
