import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { parseSocketTable } from '@portolan/cli/src/listeners/socket-table.ts'
import { expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

test('says for TCP and UDP apart what is registered, what it risks and what to use instead', async () => {
  const { code, stdout } = await runPortolan(['explain', '23'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Port 23, system port/)
  expect(stdout).toMatch(/TCP +telnet: Telnet/)
  expect(stdout).toMatch(/Exposure +should never be reachable from the internet/)
  expect(stdout).toMatch(/Instead +SSH/)
  expect(stdout).toContain('Get-NetTCPConnection -LocalPort 23')
})

test('port 0 is reserved, which is an answer', async () => {
  const { code, stdout } = await runPortolan(['explain', '0'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Port 0, system port.*\n +TCP +reserved.*\n +UDP +reserved/)
  expect(stdout).toContain('any free port')
  const { stdout: json } = await runPortolan(['explain', '0/udp', '--format', 'json'])
  expect(JSON.parse(json)).toMatchObject([{ port: 0, transport: 'udp', class: 'system', iana: null, usedHere: [] }])
})

test('tells how to find the process of either transport on Linux, macOS and Windows', async () => {
  const { stdout } = await runPortolan(['explain', '53'])
  for (const command of [
    "Linux      sudo ss -lntup 'sport = :53'",
    'macOS      sudo lsof -nP -iTCP:53 -sTCP:LISTEN',
    '           sudo lsof -nP -iUDP:53',
    'Windows    Get-Process -Id (Get-NetTCPConnection -LocalPort 53 -State Listen).OwningProcess',
    'Get-Process -Id (Get-NetUDPEndpoint -LocalPort 53).OwningProcess',
  ])
    expect(stdout).toContain(command)
  expect((await runPortolan(['explain', '53/udp'])).stdout).not.toContain('TCP')
})

test('takes names, transports and several at once; JSON for programs', async () => {
  const twice = await runPortolan(['explain', '22', 'ssh', '--plain'])
  expect(twice.stdout.match(/^Port 22/gm)).toHaveLength(1)
  const { stdout } = await runPortolan(['explain', 'ssh/tcp', '161/udp', '60123', '--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject([
    { port: 22, transport: 'tcp', class: 'system', iana: { name: 'ssh' } },
    { port: 161, transport: 'udp', iana: { name: 'snmp' }, advice: { exposure: 'never' } },
    { port: 60_123, transport: 'tcp', class: 'dynamic', iana: null, advice: null },
    { port: 60_123, transport: 'udp' },
  ])
})

test.runIf(process.platform === 'linux')(
  'names the process that uses the port here, by TCP and UDP, IPv4 and IPv6',
  async () => {
    const servers = [createServer(), createServer()] as const
    const sockets = [createSocket('udp4'), createSocket('udp6')] as const
    const addresses = ['127.0.0.1', '::1'] as const
    try {
      await Promise.all(servers.map((one, i) => new Promise<void>((done) => one.listen(0, addresses[i], done))))
      await Promise.all(sockets.map((one, i) => new Promise<void>((done) => one.bind(0, addresses[i], done))))
      const portOf = (one: { address(): unknown }): number => Object(one.address()).port
      const [tcp, udp] = [servers.map(portOf), sockets.map(portOf)]
      const { stdout } = await runPortolan(['explain', ...tcp.map(String), ...udp.map((port) => `${port}/udp`)])
      const told = stdout.split(/^(?=Port )/m)
      for (const [i, ip] of addresses.entries()) {
        const me = `.+ \\(pid ${process.pid}\\).*, user .+, on ${ip}\n`
        expect(told[i]).toMatch(new RegExp(`^Port ${tcp[i]},[\\s\\S]* Here +tcp: ${me}`))
        expect(told[i + 2]).toMatch(new RegExp(`^Port ${udp[i]},[\\s\\S]* Here +udp: ${me}`))
      }
    } finally {
      for (const one of [...servers, ...sockets]) one.close()
    }
  },
)

test('reads the kernel table, both families, listening sockets only', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F91 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1 0000000000000000
   2: B80D01200000000000000000010000000:0016 00000000:0000 0A
   3: B80D0120000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77
`
  expect(parseSocketTable(table, 'tcp')).toEqual([
    { transport: 'tcp', ip: '127.0.0.1', port: 8080, inode: '4242', uid: 1000 },
    { transport: 'tcp', ip: '2001:db8::1', port: 22, inode: '77', uid: 0 },
  ])
})

test.each([
  [['explain', 'sssh'], 'or ssh if that was meant'],
  [['explain', '1-1000'], 'more than 50 ports'],
  [['explain', 'nosuchservice'], 'no tcp or udp service is called nosuchservice'],
  [['explain'], "missing required argument 'port'"],
])('%j is refused', async (args, said) => {
  const { code, stderr } = await runPortolan(args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
})
