import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { judgeDatabase, judgeSkew } from '@portolan/cli/src/doctor/examine-database.ts'
import {
  judgeClock,
  judgeFiles,
  judgeNode,
  judgePrivileges,
  judgeRoutes,
} from '@portolan/cli/src/doctor/examine-machine.ts'
import { judgeNames, nameServers } from '@portolan/cli/src/doctor/examine-names.ts'
import { judgeVantages } from '@portolan/cli/src/doctor/judge-vantages.ts'
import { createDb } from '@portolan/db/client.ts'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { openTestApi } from '#test/api/test-api.ts'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'
import { emptyDatabase, testDatabase, testQueueUrls } from '#test/support/test-services.ts'

// The first one waits for PostgreSQL and Redis to start.
vi.setConfig({ testTimeout: 90_000 })

type Found = { readonly name: string; readonly health: string; readonly said: string; readonly fix: string | null }

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-doctor-'))
// Others than root run it below, and what it is told to read has to be readable.
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Whatever the machine that runs the tests has been told. */
const NOTHING = { DATABASE_URL: '', QUEUE_URL: '', PORTOLAN_VANTAGE: '', PORTOLAN_SERVER: '', PORTOLAN_KEY: '' }
const CONFIG = { XDG_CONFIG_HOME: folder, PORTOLAN_CONFIG: '' }
const MAY_ISOLATE = spawnSync('unshare', ['-n', '-m', 'true']).status === 0

type Where = { readonly setup?: string; readonly before?: string }

/** With a name server on loopback where that can be arranged: no test asks a stranger. */
async function print(env: NodeJS.ProcessEnv, args: string, { setup, before = 'exec' }: Where = {}) {
  const resolver = path.join(folder, 'resolv.conf')
  writeFileSync(resolver, 'nameserver 127.0.0.9\n')
  const script = `mount --bind ${resolver} /etc/resolv.conf; ${setup ?? ':'}; ${before} ${LAUNCHER} doctor ${args}`
  const unshare = ['unshare', '-m', ...(setup === undefined ? [] : ['-n']), 'bash', '-c', script]
  const [file = '', ...words] = MAY_ISOLATE ? unshare : [LAUNCHER, 'doctor', ...args.split(' ')]
  const child = spawn(file, words, { env: { ...process.env, ...NOTHING, ...CONFIG, ...env } })
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { code: child.exitCode, stdout }
}

async function run(env: NodeJS.ProcessEnv, where: Where = {}) {
  const { code, stdout } = await print(env, '--format json', where)
  const found: readonly Found[] = JSON.parse(stdout)
  return { code, found }
}

const of = ({ found }: { readonly found: readonly Found[] }, name: string) => found.find((one) => one.name === name)

test('a database and a queue of each kind that answer are fine', async () => {
  const [database, queues] = await Promise.all([testDatabase(), testQueueUrls()])
  for (const { backend, url } of queues) {
    if (backend === 'postgres') await runPortolan(['migrate'], { env: { DATABASE_URL: database, QUEUE_URL: url } })
    const ran = await run({ DATABASE_URL: database, QUEUE_URL: url })
    expect(of(ran, 'database')?.said).toMatch(/^\S+\/\S+, PostgreSQL \d\d$/)
    expect(['database', 'clocks', 'queue', 'node', 'clock'].map((name) => of(ran, name)?.health)).toEqual(
      Array(5).fill('fine'),
    )
  }
})

test('what is no URL of a database is said to be none, at once', async () => {
  const ran = await run({ DATABASE_URL: 'localhost/portolan' })
  expect([ran.code, of(ran, 'database')]).toEqual([
    1,
    expect.objectContaining({
      health: 'broken',
      said: expect.stringContaining('not the URL'),
      fix: expect.stringContaining('postgres://'),
    }),
  ])
})

test('a database without tables is broken, and portolan migrate mends it', async () => {
  const env = { DATABASE_URL: await emptyDatabase(), QUEUE_URL: '' }
  const before = await run(env)
  expect([before.code, of(before, 'database')]).toEqual([
    1,
    expect.objectContaining({
      said: expect.stringMatching(/(\d+) of \1 migrations are missing/),
      fix: 'portolan migrate',
    }),
  ])
  expect((await runPortolan(['migrate'], { env })).code).toBe(0)
  const after = await run(env)
  expect([after.code, of(after, 'database')?.health, of(after, 'queue')?.health]).toEqual([0, 'fine', 'fine'])
})

test('services that do not answer are broken, without their passwords, and end with 1', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = Object(server.address()).port
  await new Promise((resolve) => server.close(resolve))
  const ran = await run({
    DATABASE_URL: `postgres://me:hush@127.0.0.1:${port}/portolan`,
    QUEUE_URL: `redis://me:hush@127.0.0.1:${port}`,
  })
  expect(ran.code).toBe(1)
  expect(of(ran, 'database')?.said).toContain(`127.0.0.1:${port}/portolan: connect ECONNREFUSED`)
  expect(of(ran, 'queue')?.said).toContain(`127.0.0.1:${port}: connect ECONNREFUSED`)
  for (const name of ['database', 'queue']) expect(of(ran, name)?.fix).toContain(`portolan check 127.0.0.1 ${port}`)
  expect(JSON.stringify(ran)).not.toContain('hush')
  for (const { health, fix } of ran.found) expect(fix === null).toBe(health === 'fine')
  const odd = await run({ QUEUE_URL: 'ftp://127.0.0.1' })
  expect(of(odd, 'queue')?.said).toContain('must start with redis://')
})

test('nothing configured is nothing wrong', async () => {
  const ran = await run({})
  expect(['database', 'queue', 'service'].map((name) => of(ran, name)?.health)).toEqual(Array(3).fill('fine'))
})

describe('a service that is logged in to', () => {
  test('answers, knows the key, and says who scans for it', async () => {
    const api = await openTestApi()
    try {
      await using db = createDb(api.databaseUrl)
      const env = { PORTOLAN_SERVER: api.url, PORTOLAN_KEY: api.key }
      expect(of(await run(env), 'vantages')).toMatchObject({ health: 'poor', fix: 'start one: portolan worker' })
      await db.pool.query(
        `INSERT INTO workers (name, vantage, version, job_version, capabilities, addresses) VALUES ('w', 'office', '1', 1, '{}', '{}')`,
      )
      const ran = await run(env)
      expect(of(ran, 'service')?.said).toBe(`${api.url} answers, and the key is valid`)
      expect(of(ran, 'vantages')).toMatchObject({ health: 'fine', said: 'office (1 worker)' })
      const unknown = { health: 'poor', fix: expect.stringContaining('portolan worker --vantage ofice') }
      expect(of(await run({ ...env, PORTOLAN_VANTAGE: 'ofice' }), 'vantages')).toMatchObject(unknown)
      const direct = { DATABASE_URL: api.databaseUrl, PORTOLAN_VANTAGE: 'ofice' }
      expect(of(await run(direct), 'vantages')).toMatchObject(unknown)
      await db.pool.query(`UPDATE workers SET heartbeat_at = now() - interval '5 minutes'`)
      expect(of(await run(env), 'vantages')?.said).toContain('the worker at office is silent')
      const stranger = await run({ ...env, PORTOLAN_KEY: `ptl_${'a1'.repeat(8)}_${'k'.repeat(43)}` })
      expect([stranger.code, of(stranger, 'service')?.health]).toEqual([1, 'broken'])
      expect(of(stranger, 'service')?.fix).toContain('portolan login URL')
    } finally {
      await api.stop()
    }
  })
})

/** Each trouble is made, found, and gone after its fix. */
describe.runIf(MAY_ISOLATE)('in a network of its own', () => {
  const cable =
    'ip link set lo up; ip link add cable type veth peer name plug; ip addr add 10.9.0.1/24 dev cable; ' +
    'ip link set cable up; ip link set plug up; ' +
    'for i in $(seq 100); do ip link show cable | grep -q "state UP" && break; sleep 0.05; done'
  const other = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all'
  const capable = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw --ambient-caps=+net_raw'
  const answers = path.join(folder, 'answers.py')
  writeFileSync(
    answers,
    `import os, socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.9', 53))\nif os.fork() == 0:\n` +
      `    d, a = s.recvfrom(512); s.sendto(d[:2] + bytes([0x81, 0x85]) + d[4:6] + bytes(6) + d[12:], a); os._exit(0)\n`,
  )
  const env = { HOME: '/tmp', NODE_COMPILE_CACHE: '/tmp/portolan-doctor-compiled' }
  test.each([
    ['privileges', 'ip link set lo up', other, 'poor', 'setcap cap_net_raw+ep'],
    ['privileges', 'ip link set lo up', capable, 'fine', null],
    ['open files', 'ip link set lo up; ulimit -n 1000', 'exec', 'poor', 'ulimit -n 65536'],
    ['open files', 'ip link set lo up; ulimit -n 200', 'exec', 'broken', 'ulimit -n 65536'],
    ['open files', 'ip link set lo up; ulimit -n 5000', 'exec', 'fine', null],
    ['routes', ':', 'exec', 'broken', 'ip link set lo up'],
    ['routes', 'ip link set lo up', 'exec', 'poor', 'bring an interface up'],
    ['routes', cable, 'exec', 'poor', 'ip route add default via ROUTER'],
    ['routes', `${cable}; ip route add default via 10.9.0.2`, 'exec', 'fine', null],
    ['names', 'ip link set lo up', 'exec', 'poor', 'portolan check 127.0.0.9 53/udp'],
    ['names', 'mount --bind /dev/null /etc/resolv.conf', 'exec', 'poor', 'add nameserver ADDRESS'],
    ['names', `ip link set lo up; python3 ${answers}`, 'exec', 'fine', null],
  ])('%s after %s', async (name, setup, before, health, fix) => {
    const ran = await run(env, { setup, before })
    expect(of(ran, name)).toMatchObject({ health, fix: fix === null ? null : expect.stringContaining(fix) })
    expect(ran.code).toBe(ran.found.some((one) => one.health === 'broken') ? 1 : 0)
  })
})

test('people read what was found, and under it what to do', async () => {
  const { stdout } = await print({ COLUMNS: '80', PORTOLAN_SERVER: 'http://127.0.0.1:1', PORTOLAN_KEY: 'x' }, '--plain')
  expect(stdout).toMatch(/^FAIL service +http:\/\/127\.0\.0\.1:1.*\n( {18}.*\n)* {18}Fix: check the URL/m)
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

const lo = { address: '127.0.0.1', family: 'IPv4', internal: true }
const eth = { address: '10.0.0.2', family: 'IPv4', internal: false }
const LO_DEFAULT = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} ffffffff 00000001 00000000 00200200       lo`
const routes = (routes4: string, routes6 = LO_DEFAULT) => judgeRoutes({ interfaces: [lo, eth], routes4, routes6 })

test.each([
  [judgeNode('24.1.0'), 'fine', 'Node 24.1.0'],
  [judgeNode('22.9.0'), 'broken', 'Node 22.9.0'],
  [judgePrivileges({ linux: true, raw: true, node: 'x' }), 'fine', 'CAP_NET_RAW'],
  [judgePrivileges({ linux: true, raw: false, node: '/opt/node' }), 'poor', 'connect engine'],
  [judgeFiles('Max open files            1024    1048576   files'), 'poor', '1024 at once'],
  [judgeFiles('Max open files            64      1048576   files'), 'broken', '64 at once'],
  [judgeFiles('Max open files            unlimited unlimited files'), 'fine', 'as many'],
  [routes('Iface Destination\neth0\t00000000\t0100000A\t0003'), 'fine', 'IPv4'],
  [routes('eth0\t0000000A\t00000000\t0001'), 'poor', 'no default route'],
  [routes('', LO_DEFAULT.replace(/lo$/, 'eth0')), 'fine', 'IPv6'],
  [judgeNames([{ server: '127.0.0.53', answers: true }]), 'fine', '127.0.0.53'],
  [judgeNames([]), 'poor', 'no name server'],
  [
    judgeNames([
      { server: '192.0.2.1', answers: false },
      { server: '192.0.2.2', answers: true },
    ]),
    'poor',
    'every look-up waits for it; 192.0.2.2 does',
  ],
  [judgeVantages({ alive: new Map([['default', 2]]), wanted: ['default'] }), 'fine', 'default (2 workers)'],
  [judgeVantages({ alive: new Map([['default', 2]]), wanted: ['lab'] }), 'poor', 'no worker was ever at lab'],
  [judgeClock(Date.UTC(1970, 0, 2), Date.UTC(2026, 0, 1)), 'broken', '1970'],
  [judgeDatabase({ where: 'db', version: 150_004, applied: 3, wanted: 3 }), 'broken', 'PostgreSQL 15'],
  [judgeDatabase({ where: 'db', version: 170_000, applied: 1, wanted: 3 }), 'broken', '2 of 3 migrations'],
  [judgeSkew(100, 150), 'fine', '0.0 s'],
  [judgeSkew(-5_000, 150), 'broken', '5.0 s'],
])('%j', (finding, expected, said) => {
  expect([finding.health, finding.said]).toEqual([expected, expect.stringContaining(said)])
})

test('name servers are the first three of resolv.conf', () => {
  const text = '# nameserver 1\nnameserver 127.0.0.53\noptions edns0\n nameserver ::1\nnameserver 3\nnameserver 4\n'
  expect(nameServers(text)).toEqual(['127.0.0.53', '::1', '3'])
  expect(nameServers('search example.com\n')).toEqual([])
})

test('a file of defaults that keeps commands from running is told with what to do, and doctor runs all the same', async () => {
  const file = path.join(folder, 'defaults.json')
  const told = async (config: string) => {
    writeFileSync(file, config)
    return of(await run({ PORTOLAN_CONFIG: file }), 'config')
  }
  expect(await told('{"scan": {"rate": 1000}}')).toMatchObject({
    health: 'fine',
    said: expect.stringContaining('scan'),
  })
  expect(await told('{"scan": ')).toMatchObject({
    health: 'broken',
    said: expect.stringMatching(/is not JSON: .+/),
    fix: expect.stringContaining(`mv ${file}`),
  })
  expect(await told('{"scan": {"speed": 1}}')).toMatchObject({
    health: 'broken',
    said: expect.stringContaining('--speed'),
  })
  expect(await told('{"scam": {"rate": 1}}')).toMatchObject({ health: 'broken', said: expect.stringContaining('scam') })
  const { code, stderr } = await runPortolan(['explain', '22'], { env: { PORTOLAN_CONFIG: folder } })
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/cannot be read: it is a folder. Correct it or move it away/),
  ])
  expect((await runPortolan(['completion', 'bash'], { env: { PORTOLAN_CONFIG: folder } })).code).toBe(0)
})
