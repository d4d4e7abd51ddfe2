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

test('takes names, transports and several at once; JSON for programs', async () => {
  const { stdout } = await runPortolan(['explain', 'ssh/tcp', '161/udp', '60123', '--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject([
    { port: 22, transport: 'tcp', class: 'system', iana: { name: 'ssh' } },
    { port: 161, transport: 'udp', iana: { name: 'snmp' }, advice: { exposure: 'never' } },
    { port: 60_123, transport: 'tcp', class: 'dynamic', iana: null, advice: null },
    { port: 60_123, transport: 'udp' },
  ])
})

test.runIf(process.platform === 'linux')('names the process that uses the port here', async () => {
  const tcp = createServer()
  const udp = createSocket('udp6')
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => udp.bind(0, '::1', resolve))
  try {
    const address = tcp.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { stdout } = await runPortolan(['explain', `${port}`, `${udp.address().port}/udp`])
    expect(stdout).toMatch(new RegExp(`Here +tcp: .+ \\(pid ${process.pid}\\), user .+, on 127\\.0\\.0\\.1\n`))
    expect(stdout).toMatch(new RegExp(`Here +udp: .+ \\(pid ${process.pid}\\), user .+, on ::1\n`))
  } finally {
    tcp.close()
    udp.close()
  }
})

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
  [['explain', '0'], 'port 0 cannot be scanned'],
  [['explain', '1-1000'], 'more than 50 ports'],
  [['explain', 'nosuchservice'], 'no tcp or udp service is called nosuchservice'],
  [['explain'], "missing required argument 'port'"],
])('%j is refused', async (args, said) => {
  const { code, stderr } = await runPortolan(args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
})
