import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import {
  judgeClock,
  judgeFiles,
  judgeNode,
  judgePrivileges,
  judgeResolver,
  judgeRoutes,
} from '@portolan/cli/src/doctor/examine-machine.ts'
import { examineServices, judgeDatabase, judgeSkew } from '@portolan/cli/src/doctor/examine-services.ts'
import { expect, test } from 'vitest'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'
import { testDatabase, testQueueUrls } from '#test/support/test-services.ts'

type Found = { readonly name: string; readonly health: string; readonly said: string; readonly fix: string | null }

async function doctor(env: NodeJS.ProcessEnv): Promise<{ code: number | null; found: readonly Found[] }> {
  const { code, stdout } = await runPortolan(['doctor', '--format', 'json'], { env })
  return { code, found: JSON.parse(stdout) }
}

const health = (found: readonly Found[], name: string) => found.find((one) => one.name === name)?.health

test('a database and a queue of each kind that answer are fine', async () => {
  const [database, queues] = await Promise.all([testDatabase(), testQueueUrls()])
  const redis = queues.find(({ backend }) => backend === 'redis')?.url ?? ''
  const { found } = await doctor({ DATABASE_URL: database, QUEUE_URL: redis })
  expect(found.find(({ name }) => name === 'database')?.said).toMatch(/^\S+\/\S+, PostgreSQL \d\d$/)
  expect(['database', 'clocks', 'queue', 'node', 'clock'].map((name) => health(found, name))).toEqual(
    Array(5).fill('fine'),
  )
})

test('services that do not answer are broken, without their passwords, and end with 1', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  await new Promise((resolve) => server.close(resolve))
  const found = await doctor({
    DATABASE_URL: `postgres://me:hush@127.0.0.1:${port}/portolan`,
    QUEUE_URL: `ftp://me:hush@127.0.0.1:${port}`,
  })
  expect(found.code).toBe(1)
  expect(found.found.find(({ name }) => name === 'database')?.said).toContain(
    `127.0.0.1:${port}/portolan: connect ECONNREFUSED`,
  )
  expect(found.found.find(({ name }) => name === 'queue')?.said).toContain('must start with redis://')
  expect(JSON.stringify(found)).not.toContain('hush')
  for (const { health, fix } of found.found) expect(fix === null).toBe(health === 'fine')
})

test('nothing configured is nothing wrong', async () => {
  const found = await examineServices({ database: null, queue: null })
  expect(found.map((one) => one.health)).toEqual(['fine', 'fine'])
})

const MAY_ISOLATE = spawnSync('unshare', ['-n', 'true']).status === 0

test.runIf(MAY_ISOLATE)('limits and routes are those of the process that asks', () => {
  const run = (setup: string) =>
    spawnSync('unshare', ['-n', 'bash', '-c', `${setup}; exec ${LAUNCHER} doctor`], {
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: '', QUEUE_URL: '' },
    })
  const weak = run('ip link set lo up; ulimit -n 1000')
  expect([weak.status, weak.stdout]).toEqual([0, expect.stringMatching(/weak open files +1000 at once/)])
  expect(weak.stdout).toMatch(/weak routes +only the loopback has addresses/)
  const down = run('true')
  expect([down.status, down.stdout]).toEqual([
    1,
    expect.stringMatching(/FAIL routes +the loopback is down\n +Fix: ip link set lo up/),
  ])
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
  [judgeResolver('# nameserver 1\nnameserver 127.0.0.53\noptions edns0\n'), 'fine', '127.0.0.53'],
  [judgeResolver('search example.com\n'), 'poor', 'no name server'],
  [judgeClock(Date.UTC(1970, 0, 2), Date.UTC(2026, 0, 1)), 'broken', '1970'],
  [judgeDatabase({ where: 'db', version: 150_004, applied: 3, wanted: 3 }), 'broken', 'PostgreSQL 15'],
  [judgeDatabase({ where: 'db', version: 170_000, applied: 1, wanted: 3 }), 'broken', '2 of 3 migrations'],
  [judgeSkew(100, 150), 'fine', '0.0 s'],
  [judgeSkew(-5_000, 150), 'broken', '5.0 s'],
])('%j', (finding, expected, said) => {
  expect([finding.health, finding.said]).toEqual([expected, expect.stringContaining(said)])
})
