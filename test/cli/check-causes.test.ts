/** Every reason why a port does not open, made with real rules, routes, name servers and certificates. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'
import { LAUNCHER } from '#test/support/run-portolan.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const HOST = '10.99.0.2'
const certificates = fileURLToPath(new URL('../support/certificates', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'portolan-causes-'))

/** On the host: a server with an expired certificate, one that hangs up, and (on the scanner) a name server. */
const SERVERS = `
const { readFileSync } = require('fs')
const pem = (kind) => readFileSync('${certificates}/expired.' + kind)
let left = 2
const up = () => --left || console.log('up')
require('tls').createServer({ key: pem('key'), cert: pem('pem') }, (s) => s.on('error', () => {}))
  .on('tlsClientError', () => {}).listen(443, '0.0.0.0', up)
require('net').createServer((s) => s.on('error', () => {}).resetAndDestroy()).listen(2104, '0.0.0.0', up)`

/** Answers mail.test with the host's address, and nothing else with anything. */
const NAMES = `
const socket = require('dgram').createSocket('udp4')
socket.on('message', (query, from) => {
  const end = query.indexOf(0, 12) + 5
  const known = query.subarray(12, end - 4).toString().includes('mail') && query[end - 3] === 1
  const head = Buffer.from([query[0], query[1], 0x81, known ? 0x80 : 0x83, 0, 1, 0, known ? 1 : 0, 0, 0, 0, 0])
  const answer = known ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 10, 99, 0, 2]) : Buffer.alloc(0)
  socket.send(Buffer.concat([head, query.subarray(12, end), answer]), from.port, from.address)
})
socket.bind(53, '127.0.0.1', () => console.log('up'))`

describe.runIf(canBuildNetworks)(`portolan check says why${networkNote}`, () => {
  let network: Network
  const children: ChildProcess[] = []

  async function serve(end: 'scanner' | 'target', script: string) {
    const command = ['netns', 'exec', network[end], process.execPath, '-e', script]
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    await once(child.stdout, 'data')
  }

  /** What it says, in one line, and how it ends. Names are resolved by the name server above. */
  const check = (...args: readonly string[]) =>
    new Promise<{ code: number; said: string }>((resolve) => {
      const script = `mount --bind ${folder}/resolv.conf /etc/resolv.conf; exec ${LAUNCHER} check --timeout 600 ${args.join(' ')}`
      const command = ['netns', 'exec', network.scanner, 'bash', '-c', script]
      execFile('ip', command, { env: { ...process.env, COLUMNS: '300' } }, (error, stdout, stderr) => {
        resolve({
          code: typeof error?.code === 'number' ? error.code : 0,
          said: `${stdout}${stderr}`.replace(/\n/g, ' '),
        })
      })
    })

  beforeAll(async () => {
    writeFileSync(path.join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
    network = new Network()
    await Promise.all([serve('target', SERVERS), serve('scanner', NAMES)])
    network.firewall('target', {
      input: [
        'tcp dport { 25, 8080 } drop',
        'udp dport 500 drop',
        'tcp dport 81 reject with icmp type admin-prohibited',
        'tcp dport 82 reject with icmp type host-unreachable',
        'tcp dport 83 reject with icmp type net-unreachable',
        'tcp dport 84 reject with tcp reset',
      ],
    })
    // A network behind the host that the host has no way into, and one that nobody knows.
    network.sysctl('target', 'net.ipv4.ip_forward', '1')
    network.ip('scanner', `route add 10.98.0.0/24 via ${HOST}`)
    network.ip('target', 'route add unreachable 10.98.0.0/24')
  })
  afterAll(async () => {
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill()
    await Promise.all(ends)
    network?.[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    [
      'nothing listens',
      '80',
      1,
      /is closed \(conn-refused.*reached and refused: nothing listens on this port, or a firewall/,
    ],
    ['a firewall rejects with a reset', '84', 1, /is closed.*If it does listen there, a firewall rejects/],
    [
      'a firewall rejects and says so',
      '81',
      1,
      /is filtered \(admin-prohibited.*The host itself, or a firewall in its name, says that a rule forbids it/,
    ],
    [
      'the host is said to be away',
      '82',
      1,
      /is filtered \(host-unreach.*firewall in its name, says that the host does not answer/,
    ],
    ['the network is said to be away', '83', 1, /is filtered \(net-unreach.*says that there is no route/],
    ['silence', '8080', 1, /is filtered \(no-response.*Nothing came back: .*firewall.*port must be forwarded/],
    ['silence at port 25', '25', 1, /providers block port 25 against spam: send mail through port 587 or 465/],
    ['silence at UDP', '500/udp', 1, /is open\|filtered.*UDP services answer only what they understand.*isakmp/],
    ['a certificate that has expired', '443', 0, /is open.*Renew the certificate/],
  ])('%s', async (_, port, code, words) => {
    const ran = await check(HOST, port)
    expect(ran).toEqual({ code, said: expect.stringMatching(words) })
  })

  test('a reset after it was accepted: an access list, or a proxy without a back end', async () => {
    // On a busy machine a reset may come late, and the port seem silent.
    await vi.waitFor(
      async () =>
        expect(await check(HOST, '2104')).toEqual({
          code: 0,
          said: expect.stringMatching(/is open.*accepted and closed at once.*(access list|proxy)/),
        }),
      { timeout: 50_000, interval: 100 },
    )
  })

  test('an inside address is called one', async () => {
    expect((await check(HOST, '8080')).said).toContain(`${HOST} is an inside address (private use`)
  })

  test('a router on the way that knows no way is named', async () => {
    const { code, said } = await check('10.98.0.7', '22')
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/10\.98\.0\.7 port 22\/tcp is filtered \((host|net)-unreach/),
    ])
    expect(said).toContain(`${HOST} says that`)
  })

  test('a host that is not there, on a network of our own, is this machine’s word', async () => {
    // It gives up asking who has the address after three tenths of a second.
    network.sysctl('scanner', 'net.ipv4.neigh.cable.retrans_time_ms', '100')
    const { code, said } = await check('10.99.0.77', '22', '--timeout', '5000')
    expect([code, said]).toEqual([1, expect.stringMatching(/This machine says that the host does not answer/)])
  })

  test('a router takes three seconds to say that a host is not there, and is waited for', async () => {
    network.ip('target', 'link add near type veth peer name far')
    network.ip('target', 'addr add 10.97.0.1/24 dev near')
    for (const end of ['near', 'far']) network.ip('target', `link set ${end} up`)
    network.ip('scanner', `route add 10.97.0.0/24 via ${HOST}`)
    const { code, said } = await check('10.97.0.77', '22', '--timeout', '9000')
    expect([code, said]).toEqual([1, expect.stringContaining(`${HOST} says that the host does not answer`)])
  })

  test('no way from here at all is this machine’s trouble, and said to be', async () => {
    const { code, said } = await check('203.0.113.9', '22')
    expect([code, said]).toEqual([1, expect.stringMatching(/net-unreach.*This machine says that there is no route/)])
  })

  test('names are looked up: one that is known, and one that is not', async () => {
    expect((await check('mail.test', '25')).said).toMatch(/mail\.test \(10\.99\.0\.2\) port 25\/tcp is filtered/)
    expect((await check('mail.test:443')).said).toMatch(/mail\.test \(10\.99\.0\.2\) port 443\/tcp is open/)
    expect(await check('nosuch.test', '25')).toEqual({
      code: 1,
      said: expect.stringMatching(/nosuch\.test does not resolve to an address: check the spelling/),
    })
  })
})
