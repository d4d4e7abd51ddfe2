import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let ssh: Server
beforeAll(async () => {
  api = await openTestApi()
  ssh = createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'))
  await once(ssh.listen(0, '127.0.0.1'), 'listening')
})
afterAll(async () => {
  ssh.close()
  await api.stop()
})

const portOf = (server: Server) => (server.address() as AddressInfo).port
const check = async (body: Json) => {
  const reply = await api.send('POST', '/v1/check', body)
  expect(reply.status, reply.text).toBe(200)
  return reply.json as Json & { results: Json[] }
}

test('an open port says what runs there', async () => {
  const { results } = await check({ host: '127.0.0.1', port: portOf(ssh) })
  expect(results).toMatchObject([
    {
      ip: '127.0.0.1',
      state: 'open',
      reason: 'conn-accept',
      detection: 'identified',
      service: { name: 'ssh', product: 'OpenSSH', version: '9.2p1', tls: false },
      meaning: expect.stringContaining('ssh, OpenSSH 9.2p1'),
    },
  ])
  const bare = await check({ host: '127.0.0.1', port: portOf(ssh), service: false })
  expect(bare.results).toMatchObject([{ state: 'open', detection: null, service: null }])
})

test('a closed port says so, and where to look', async () => {
  const { results } = await check({ host: '127.0.0.1', port: 1 })
  expect(results).toMatchObject([{ state: 'closed', reason: 'conn-refused', meaning: /nothing listens/ }])
  expect(String(results[0]?.tryNext)).toContain('ss -lntu')
})

test('without a host it is the caller who is asked', async () => {
  const { host, results } = await check({ port: portOf(ssh) })
  expect(host).toBe('127.0.0.1')
  expect(results).toMatchObject([{ state: 'open' }])
})

test('every address of a name is asked', async () => {
  const { results } = await check({ host: 'twice.test', port: portOf(ssh) })
  expect(results.map(({ ip, state }) => [ip, state])).toEqual([
    ['127.0.0.1', 'open'],
    ['127.0.0.2', 'closed'],
  ])
})

test('over UDP an answer is open, an ICMP error closed', async () => {
  const echo = createSocket('udp4')
  echo.on('message', (message, { port, address }) => echo.send(message, port, address))
  echo.bind(0, '127.0.0.1')
  await once(echo, 'listening')
  const { results } = await check({ host: '127.0.0.1', port: echo.address().port, transport: 'udp', service: false })
  expect(results).toMatchObject([{ state: 'open', reason: 'udp-response' }])
  echo.close()
  const gone = await check({ host: '127.0.0.1', port: 1, transport: 'udp' })
  expect(gone.results).toMatchObject([{ state: 'closed', reason: 'port-unreach' }])
})

test.each([
  [{ host: '10.0.0.1', port: 22 }, 'out-of-scope', '#/host'],
  [{ host: 'outside.test', port: 22 }, 'out-of-scope', '#/host'],
  [{ host: 'nowhere.test', port: 22 }, 'unresolvable-name', '#/host'],
  [{ host: '127.0.0.0/24', port: 22 }, 'validation', '#/host'],
  [{ host: '127.0.0.1,2', port: 22 }, 'validation', '#/host'],
  [{ host: '0x7f000001', port: 22 }, 'validation', '#/host'],
  [{ host: '', port: 22 }, 'validation', '#/host'],
  [{ host: '127.0.0.1', port: 0 }, 'validation', '#/port'],
  [{ host: '127.0.0.1' }, 'validation', '#/port'],
])('%j is refused', async (body, type, pointer) => {
  const { json } = await api.send('POST', '/v1/check', body)
  expect(json).toMatchObject({ type: `/problems/${type}`, errors: [{ pointer }] })
})
