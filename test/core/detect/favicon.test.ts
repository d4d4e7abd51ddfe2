/** The icon of a site: found where the page says it is, hashed whole or not at all. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { iconPath } from '#core/detect/favicon.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { talkingServer } from '#test/support/live-server.ts'

const ICON = Buffer.from([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 24, 0, ...Array.from({ length: 100 }, (_, i) => i)])
const HASHES = { sha256: createHash('sha256').update(ICON).digest('hex'), murmur3: expect.any(Number) }

const answer = (status: string, type: string, body: Buffer | string, length = Buffer.byteLength(body)) =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\nServer: quay/1.2\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`),
    Buffer.from(body),
  ])
const page = answer('200 OK', 'text/html', '<html><link rel="icon" href="/static/quay.ico"></html>')

const NONE = answer('404 Not Found', 'text/html', '<html>no</html>')

/** `*`: what is answered for every other path. */
async function factsOf(pages: Readonly<Record<string, Buffer>>) {
  const asked: string[] = []
  await using server = await talkingServer(null, (request) => {
    const path = request.toString().split(' ', 2)[1] ?? ''
    if (request.toString().startsWith('GET ')) asked.push(path)
    return pages[path] ?? pages['*'] ?? NONE
  })
  const target = { address: '127.0.0.1', port: server.port, transport: 'tcp' } as const
  const protocols = PROTOCOLS.filter((p) => p.name === 'http')
  const found = await createDetector({ mode: 'light', protocols }).detect(target)
  const service = found.status === 'identified' ? found.service : null
  return { asked, service, favicon: service?.facts.favicon ?? null }
}

test('where the page says it is', async () => {
  const { asked, favicon } = await factsOf({ '/': page, '/static/quay.ico': answer('200 OK', 'image/x-icon', ICON) })
  expect(favicon).toEqual(HASHES)
  expect(asked).toEqual(['/', '/static/quay.ico'])
})

test('where browsers look, behind a door too', async () => {
  const door = answer('401 Unauthorized', 'text/plain', 'no')
  const pages = { '/': door, '/favicon.ico': answer('200 OK', 'application/octet-stream', ICON) }
  expect((await factsOf(pages)).favicon).toEqual(HASHES)
})

test.each([
  ['a page instead', answer('200 OK', 'text/html', '<html>welcome</html>')],
  ['a page that says it is an icon', answer('200 OK', 'image/x-icon', '<!doctype html>')],
  ['nothing', answer('200 OK', 'image/x-icon', '')],
  ['less than was promised', answer('200 OK', 'image/x-icon', ICON, 500)],
  ['more than we read', answer('200 OK', 'image/x-icon', Buffer.alloc(80_000, 7))],
])('no hash of %s', async (_, icon) => {
  expect((await factsOf({ '/': page, '/static/quay.ico': icon })).favicon).toBeNull()
})

test('an interface for programs is not asked for pictures', async () => {
  const { asked } = await factsOf({ '/': answer('200 OK', 'application/json', '{}') })
  expect(asked).toEqual(['/'])
})

test.each([
  ['', '/favicon.ico'],
  [`<link href='img/a.png' rel='shortcut icon'>`, '/img/a.png'],
  ['<link rel=icon href=./a.svg>', '/a.svg'],
  ['<link rel="icon" href="../../etc/passwd">', '/etc/passwd'],
  ['<link rel="icon" href="https://elsewhere.test/a.ico">', '/favicon.ico'],
  ['<link rel="icon" href="//elsewhere.test/a.ico">', '/favicon.ico'],
  ['<link rel="icon" href="data:image/png;base64,AAAA">', '/favicon.ico'],
  ['<link rel="stylesheet" href="/a.css"><link rel="icon" href="/b.ico">', '/b.ico'],
])('the path in %s', (html, path) => {
  expect(iconPath(html)).toBe(path)
})

/** Rspamd's favicon-16x16.png. */
const RSPAMD = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAMAAAAoLQ9TAAAAJ3RFWHRDcmVhdGlvbiBUaW1lADIwMjMtMDItMTBUMTM6NTY6MzQtMDA6MDCFewIBAAAAB3RJTUUH5wIKDTgiGM9c0gAAAAlwSFlzAAAK8AAACvABQqw0mAAAAARnQU1BAACxjwv8YQUAAAAJUExURf///0rG//9jAJiKl1QAAAABdFJOUwBA5thmAAAAN0lEQVR42m3MQQoAMAgDwWz//2gpUoixOZlB1YlogSchN/qBwHqAJjz9g9/dmQDGGcyu7L1hWVB4fQC+G6YbhwAAAABJRU5ErkJggg==',
  'base64',
)

test('an icon tells the application behind a server that says nothing of it, and a server of its own', async () => {
  const icon = answer('200 OK', 'image/png', RSPAMD)
  const mine = await factsOf({ '/': page, '/static/quay.ico': icon })
  expect(mine.service).toMatchObject({ product: 'quay', version: '1.2', info: 'Rspamd' })
  const bare = (body: Buffer) => Buffer.from(body.toString('latin1').replace('Server: quay/1.2\r\n', ''), 'latin1')
  const silent = await factsOf({ '/': bare(page), '/static/quay.ico': bare(icon), '*': bare(NONE) })
  expect(silent.service).toMatchObject({ product: 'Rspamd', version: null })
  expect(silent.service?.cpe[0]).toMatch(/^cpe:2\.3:a:rspamd/)
})

test('whatever a page says, one path on the same server and no further line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(iconPath(`<link rel="icon" href="${text}">`)).toMatch(/^\/(?!\/)[\x21-\x7e]*$/)
    }),
  )
})
