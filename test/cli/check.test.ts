import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const servers: Server[] = []
const ports = { ssh: 0, wrapped: 0, closed: 0 }

async function listen(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    greet(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  ports.ssh = await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'))
  ports.wrapped = await listen((socket) => socket.destroy())
  ports.closed = await listen(() => {})
  await new Promise((resolve) => servers.pop()?.close(resolve))
})
afterAll(() => {
  for (const server of servers) server.close()
})

test('open: what answers, and 0', async () => {
  const { code, stdout } = await runPortolan(['check', 'localhost', `${ports.ssh}`, '-4'])
  expect(stdout).toMatch(
    new RegExp(
      `^localhost \\(127\\.0\\.0\\.1\\) port ${ports.ssh}/tcp is open \\(conn-accept, (?:under )?[\\d.]+ ms\\)`,
    ),
  )
  expect(stdout.replace(/\s+/g, ' ')).toContain('it is OpenSSH 9.2p1')
  expect(code).toBe(0)
})

test('accepted and closed at once: an access list or a proxy without a back end', async () => {
  const { stdout } = await runPortolan(['check', '127.0.0.1', `${ports.wrapped}`])
  expect(stdout.replace(/\s+/g, ' ')).toContain('accepted and closed at once')
})

test('closed: the host was reached, nothing listens, look there; and 1', async () => {
  const { code, stdout } = await runPortolan(['check', '127.0.0.1', `${ports.closed}/tcp`])
  expect(stdout).toContain('is closed (conn-refused')
  expect(stdout).toContain('ss -lntup')
  expect(code).toBe(1)
})

test('UDP: a refusal is told from silence', async () => {
  const { code, stdout } = await runPortolan(['check', '127.0.0.1', `${ports.closed}/udp`])
  expect(stdout).toContain('is closed (port-unreach')
  expect(code).toBe(1)
})

test('JSON for programs', async () => {
  const { stdout } = await runPortolan(['check', '127.0.0.1', `${ports.ssh}`, '--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({
    host: '127.0.0.1',
    port: ports.ssh,
    transport: 'tcp',
    results: [
      {
        ip: '127.0.0.1',
        state: 'open',
        detection: 'identified',
        service: { product: 'OpenSSH' },
        tryNext: expect.any(Array),
      },
    ],
  })
})

test.each([
  [['check', '127.0.0.1', '22-25'], 'check asks one port; for 22-25: portolan scan'],
  [['check', '127.1', '22'], 'short spellings'],
  [['check', '127.0.0.1'], 'name the port, too: portolan check 127.0.0.1 443'],
  [['check', '::1'], 'name the port, too'],
  [['check'], 'usage: portolan check [options] <host> [port]'],
  [['check', '127.0.0.1', '1', '2'], 'too many arguments'],
])('%j is refused', async (args, said) => {
  const { code, stderr } = await runPortolan(args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
})
