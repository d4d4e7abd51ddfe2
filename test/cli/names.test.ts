/** Names with and without addresses, in a namespace whose hosts file and name servers are those of the test. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { LAUNCHER, type Ran } from '#test/support/run-portolan.ts'

const ISOLATED = spawnSync('unshare', ['-n', '-m', 'true']).status === 0
const note = ISOLATED ? '' : ' [skipped: needs root and unshare]'
const folder = mkdtempSync(path.join(tmpdir(), 'portolan-names-'))
const file = (name: string) => path.join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

writeFileSync(file('hosts'), '127.0.0.1 localhost both.test\n2001:db8::1 both.test far.test\n2001:db8::2 far.test\n')
writeFileSync(file('resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
/** A name server that knows nobody. */
writeFileSync(
  file('server.cjs'),
  `const socket = require('dgram').createSocket('udp4')
socket.on('message', (query, from) => {
  const answer = Buffer.from(query)
  answer.writeUInt16BE(0x8183, 2)
  socket.send(answer, from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))`,
)

async function run(args: string, { server = false, setup = '' } = {}): Promise<Ran> {
  const script = `ip link set lo up; mount --bind ${file('hosts')} /etc/hosts; mount --bind ${file('resolv.conf')} /etc/resolv.conf; ${setup}
${server ? `coproc SERVER { exec ${process.execPath} ${file('server.cjs')}; }; read -r _ <&"\${SERVER[0]}"; trap 'kill $SERVER_PID' EXIT` : ''}
${LAUNCHER} ${args}`
  const child = spawn('unshare', ['-n', '-m', 'bash', '-c', script], { env: { ...process.env, COLUMNS: '300' } })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null) await once(child, 'exit')
  return { code: child.exitCode, stdout, stderr }
}

describe.skipIf(!ISOLATED)(`names${note}`, () => {
  test.each(['auto', 'connect'])(
    'an IPv6 address nobody can reach from here does not spoil the scan (%s)',
    async (engine) => {
      const { code, stdout, stderr } = await run(`scan both.test -p 9 --engine ${engine}`)
      expect(stdout).toMatch(/^127\.0\.0\.1 \(both\.test\)\n.*\n9\/tcp +closed/)
      expect(stderr).toContain('no route from this machine to 2001:db8::1 of both.test: left out')
      expect(code).toBe(0)
    },
  )
  test.each([
    ['far.test -p 9', /no route from this machine to 2001:db8::1 of far\.test, 2001:db8::2 of far\.test: left out/],
    ['2001:db8::5 -p 9 --engine connect', /no route from this machine to 2001:db8::5: left out/],
    ['203.0.113.5 -p 9 --engine syn', /no route from this machine to 203\.0\.113\.5: left out/],
    ['203.0.112.0/22 -p 9', /no route from this machine to 203\.0\.112\.0\/22: left out/],
    ['2001:db8::/112 -p 9', /no route from this machine to 2001:db8::\/112: left out/],
    ['203.0.113.0/29 --udp -p 53', /no route from this machine to 203\.0\.113\.0.*\.4 and 3 more: left out/],
  ])('%s: no route to any, which is told at once', async (args, words) => {
    const { code, stdout, stderr } = await run(`scan ${args}`)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(words)
    // Whoever had tried to send would tell of the numbers of a scan.
    expect(stderr).toMatch(/\nportolan: there is nothing to scan; portolan doctor looks at the routes\n$/)
  })
  test('addresses without a route do not spoil the scan of the others', async () => {
    const { code, stdout, stderr } = await run('scan 2001:db8::5 203.0.113.5 ::1 127.0.0.1 -p 9 --format ndjson --all')
    expect(stdout.match(/"ip":"[^"]+"/g)?.sort()).toEqual(['"ip":"127.0.0.1"', '"ip":"::1"'])
    expect(stderr).toContain('no route from this machine to 203.0.113.5, 2001:db8::5: left out')
    expect(code).toBe(0)
  })
  test('a block with a way into a part of it is scanned, and one without is left out', async () => {
    const setup =
      'ip link add d0 type veth peer name d1; ip link set d0 up; ip link set d1 up; ip addr add 198.51.100.1/24 dev d0'
    const { stdout, stderr } = await run('scan 198.51.0.0/16 203.0.112.0/20 -p 9 --dry-run --format json', { setup })
    expect(JSON.parse(stdout)).toMatchObject({ addresses: '65536' })
    expect(stderr).toContain('no route from this machine to 203.0.112.0/20: left out')
  })
  test('check tells of each address, and whose word it is', async () => {
    const { code, stdout } = await run('check both.test 9')
    expect(stdout).toMatch(/both\.test \(127\.0\.0\.1\) port 9\/tcp is closed \(conn-refused/)
    expect(stdout).toMatch(/both\.test \(2001:db8::1\) port 9\/tcp is filtered \(net-unreach\)\nThis machine says/)
    expect(code).toBe(1)
  })
  test.each(['scan nobody.test', 'check nobody.test 80'])('%s: the name server knows no such name', async (args) => {
    const { code, stderr } = await run(args, { server: true })
    expect([code, stderr]).toEqual([1, expect.stringContaining('nobody.test does not resolve to an address')])
  })
  test.each(['scan nobody.test', 'check nobody.test 80'])('%s: no name server answers', async (args) => {
    const { code, stderr } = await run(args)
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('no name server says what the address of nobody.test is'),
    ])
  })
  test.each(['scan localhost -6 -p 9', 'check localhost 9 -6'])('%s: it has an IPv4 address alone', async (args) => {
    const { code, stderr } = await run(args)
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('localhost has addresses, but none of the family that -4 or -6 asks for'),
    ])
  })
  test('what resolves is scanned although another name does not', async () => {
    const { code, stdout, stderr } = await run('scan nobody.test localhost -p 9 --engine connect')
    expect(stderr).toMatch(/nobody\.test.*it is left out/)
    expect([code, stdout]).toEqual([0, expect.stringContaining('127.0.0.1 (localhost)')])
  })
})
