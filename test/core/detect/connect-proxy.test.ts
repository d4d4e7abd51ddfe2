/** Proxies that say nothing of themselves are known by what they do, and nothing is connected to for it. */
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { fixturesOf } from '#test/support/fixture.ts'
import { talkingServer } from '#test/support/live-server.ts'

const http = PROTOCOLS.filter((p) => p.name === 'http')
const page = (status: string, more = '') =>
  `HTTP/1.1 ${status}\r\n${more}Content-Length: 0\r\nConnection: close\r\n\r\n`

async function detect(port: number) {
  const target = { address: '127.0.0.1', port, transport: 'tcp' } as const
  const found = await createDetector({ mode: 'light', protocols: http }).detect(target)
  return found.status === 'identified' ? found.service : null
}

test.each([
  ['looked for the name in vain', '502 Bad Gateway'],
  ['gave up', '504 Gateway Timeout'],
  ['opens before it looks', '200 Connection established'],
])('a proxy that %s', async (_, status) => {
  const asked: string[] = []
  await using server = await talkingServer(null, (request) => {
    const line = request.toString().split('\r\n', 1)[0] ?? ''
    asked.push(line)
    return line.startsWith('CONNECT') ? page(status) : page('400 Bad Request')
  })
  expect(await detect(server.port)).toMatchObject({ name: 'http-proxy' })
  const tunnels = asked.filter((line) => line.startsWith('CONNECT'))
  expect(tunnels).toEqual(['CONNECT portolan.invalid:443 HTTP/1.1'])
})

test.each(['404 Not Found', '503 Service Unavailable'])('a server that answers %s to everything is none', async (s) => {
  await using server = await talkingServer(null, () => page(s))
  expect(await detect(server.port)).toMatchObject({ name: 'http' })
})

test('a server with a page to show is not asked', async () => {
  let asked = false
  await using server = await talkingServer(null, (request) => {
    asked ||= request.toString().startsWith('CONNECT')
    return page('200 OK', 'Server: quay/1.2\r\n')
  })
  expect(await detect(server.port)).toMatchObject({ name: 'http', product: 'quay', version: '1.2' })
  expect(asked).toBe(false)
})

test('HTTP.sys on any port is asked for WinRM', async () => {
  const [identity, challenge] = fixturesOf('winrm').find((f) => f.name === 'winrm/windows-2019')?.exchange ?? []
  await using server = await talkingServer(null, (request) => {
    const text = request.toString()
    if (!text.startsWith('POST /wsman')) return page('404 Not Found', 'Server: Microsoft-HTTPAPI/2.0\r\n')
    return (text.includes('Negotiate TlRM') ? challenge : identity)?.reply ?? null
  })
  expect(await detect(server.port)).toMatchObject({ name: 'wsman', hostname: 'quay-01.harbour.test' })
})
