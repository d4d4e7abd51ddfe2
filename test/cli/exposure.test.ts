/**
 * Inside against outside, through real firewall rules: a service and a worker on one end of a cable, a host with servers,
 * rules and a port forward on the other, and a second worker on that host. Everything is done with the command.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Schemas } from '@portolan/client/client.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'
import { LAUNCHER } from '#test/support/run-portolan.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const KEY = `ptl_${'a1'.repeat(8)}_${'k'.repeat(43)}`
const HOST = '10.99.0.2'
const SERVICE = 'http://10.99.0.1:7070'
const folder = mkdtempSync(path.join(tmpdir(), 'portolan-exposure-'))
chmodSync(folder, 0o755)

/** What the host runs, and what its firewall does to those who come over the cable. */
const PORTS = { open: 8001, dropped: 8002, reset: 8003, prohibited: 8004, loopback: 8005, forwarded: 8006, shut: 8007 }
const RULES = [
  `tcp dport ${PORTS.dropped} drop`,
  `iifname "cable" tcp dport ${PORTS.reset} reject with tcp reset`,
  `iifname "cable" tcp dport ${PORTS.prohibited} reject with icmpx type admin-prohibited`,
]
const POLICY = `rules:\n  - { id: web, effect: allow, ports: "${PORTS.forwarded}" }\n`

type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }
type End = 'scanner' | 'target'

describe.runIf(canBuildNetworks)(`a host behind nftables${networkNote}`, () => {
  let network: Network
  const children: ChildProcess[] = []
  const ends: Promise<unknown>[] = []
  const environment = {
    PORTOLAN_SERVER: SERVICE,
    PORTOLAN_KEY: KEY,
    PORTOLAN_CONFIG: path.join(folder, 'none.json'),
    COLUMNS: '160',
  }

  const start = (end: End, command: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn('ip', ['netns', 'exec', network[end], ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    ends.push(once(child, 'exit'))
    return child
  }
  /** Resolves when it has said the word; it goes on. */
  const up = (child: ChildProcess, word: string) =>
    new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text) => String(text).includes(word) && resolve())
      child.once('exit', () => reject(new Error('it ended')))
    })
  const portolan = (end: End, ...args: string[]) =>
    new Promise<Ran>((resolve) => {
      const command = ['netns', 'exec', network[end], LAUNCHER, ...args]
      execFile('ip', command, { env: { ...process.env, ...environment }, cwd: folder }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      )
    })
  const json = async (end: End, ...args: string[]) =>
    JSON.parse((await portolan(end, ...args, '--format', 'json')).stdout)

  async function serveHost() {
    const bind = Object.entries(PORTS)
      .filter(([name]) => !['forwarded', 'shut'].includes(name))
      .map(([name, port]) => `[${port}, '${name === 'loopback' ? '127.0.0.1' : '0.0.0.0'}']`)
    const script =
      `let left = ${bind.length}; for (const [port, host] of [${bind}]) require('net')` +
      `.createServer((s) => s.on('error', () => {}).end('hello\\n')).listen(port, host, () => --left || console.log('up'))`
    await up(start('target', [process.execPath, '-e', script]), 'up')
    network.firewall('target', { input: RULES })
    network.nat('target', `iifname "cable" tcp dport ${PORTS.forwarded} redirect to :${PORTS.open}`)
  }

  /** The embedded PostgreSQL listens on loopback alone; the worker on the other end needs a way to it. */
  async function relayDatabase(): Promise<string> {
    const [, , , port] = readFileSync(path.join(folder, 'data/postgres/postmaster.pid'), 'utf8').split('\n')
    const script =
      `const { connect, createServer } = require('net'); createServer((a) => { const b = connect(${port}, '127.0.0.1');` +
      `a.on('error', () => b.destroy()).pipe(b.on('error', () => a.destroy())).pipe(a) })` +
      `.listen(6000, '10.99.0.1', () => console.log('up'))`
    await up(start('scanner', [process.execPath, '-e', script]), 'up')
    const secret = readFileSync(path.join(folder, 'data/postgres.secret'), 'utf8').trim()
    return `postgres://portolan:${secret}@10.99.0.1:6000/postgres`
  }

  beforeAll(async () => {
    network = new Network()
    await serveHost()
    const service = start('scanner', [LAUNCHER, 'up'], {
      PORTOLAN_DATA_DIR: path.join(folder, 'data'),
      PORTOLAN_BOOTSTRAP_KEY: KEY,
      HOST: '10.99.0.1',
      PORT: '7070',
      DATABASE_URL: '',
      QUEUE_URL: '',
    })
    await up(service, 'Ctrl-C')
    const database = await relayDatabase()
    start('target', [LAUNCHER, 'worker', '--vantage', 'inside'], { DATABASE_URL: database, LOG_LEVEL: 'silent' })
    await vi.waitFor(async () => expect(await json('scanner', 'workers')).toHaveLength(2), { timeout: 30_000 })
    writeFileSync(path.join(folder, 'policy.yaml'), POLICY)
    for (const command of [
      `scopes add ${HOST}/32 --owner test --reason test`,
      'policy apply perimeter policy.yaml',
      `scan ${HOST} -p 8001-8010 --from default --from inside`,
    ])
      expect(await portolan('scanner', ...command.split(' '))).toMatchObject({ code: 0 })
  })

  afterAll(async () => {
    for (const child of children.reverse()) child.kill()
    await Promise.all(ends)
    network?.[Symbol.dispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const rows = async (): Promise<Schemas['ExposureRow'][]> => json('scanner', 'exposure', HOST)

  test('before the host has said what listens, only the outside is known', async () => {
    expect((await rows()).map(({ port, listeners }) => [port, listeners])).toEqual(
      [PORTS.open, PORTS.reset, PORTS.prohibited, PORTS.forwarded].map((port) => [port, []]),
    )
  })

  test('then each port has its verdict, its process, and the vantages that reach it', async () => {
    expect((await portolan('target', 'listeners', '--report')).stdout).toMatch(/knows of 5 listeners/)
    const brief = (await rows()).map(({ port, exposure, reachableFrom, filteredFrom, listeners }) => [
      port,
      exposure,
      reachableFrom.join(),
      filteredFrom.join(),
      listeners.map((one) => `${one.process} ${one.address}`).join(),
    ])
    expect(brief).toEqual([
      [PORTS.open, 'reachable', 'default,inside', '', 'node 0.0.0.0'],
      [PORTS.dropped, 'filtered', '', 'default,inside', 'node 0.0.0.0'],
      [PORTS.reset, 'reachable', 'inside', 'default', 'node 0.0.0.0'],
      [PORTS.prohibited, 'reachable', 'inside', 'default', 'node 0.0.0.0'],
      [PORTS.loopback, 'local', '', 'default,inside', 'node 127.0.0.1'],
      [PORTS.forwarded, 'elsewhere', 'default', 'inside', ''],
    ])
  })
  test('people see the same as a table, and what the policy has against it; the exit code says so too', async () => {
    const { code, stdout, stderr } = await portolan('target', 'exposure', HOST)
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^10\.99\.0\.2: \S+ reported .+, scanned /)])
    expect(stdout).toMatch(/8001\/tcp +reachable +default,inside +- +node \(\d+\).*no rule allows it/)
    expect(stdout).toMatch(/8006\/tcp +elsewhere +default +inside +-/)
    expect(stdout.match(/no rule allows it/g)).toHaveLength(3)
  })

  test.each([
    [PORTS.open, 0, 'open', /accepts connections/],
    [PORTS.dropped, 1, 'filtered', /silence|no answer|nothing came back/i],
    [PORTS.reset, 1, 'closed', /refused/i],
    [PORTS.prohibited, 1, 'filtered', /10\.99\.0\.2/],
    [PORTS.forwarded, 0, 'open', /accepts connections/],
    [PORTS.shut, 1, 'closed', /refused/i],
  ])('check %i tells why', async (port, code, state, words) => {
    const ran = await portolan('scanner', 'check', HOST, `${port}`, '--timeout', '500')
    expect([ran.code, ran.stdout]).toEqual([code, expect.stringMatching(words)])
    expect(ran.stdout).toContain(`is ${state}`)
  })

  test('check --from tells an open port behind a firewall from one that nothing listens on', async () => {
    const behind = await portolan('scanner', 'check', HOST, `${PORTS.reset}`, '--from', 'inside', '--from', 'default')
    expect(behind.stdout).toMatch(/from default: 10\.99\.0\.2 is closed/)
    expect(behind.stdout).toMatch(/from inside: 10\.99\.0\.2 is open/)
    expect(behind.stdout.replace(/\s+/g, ' ')).toContain('Not open from here, and open from inside: the service runs')
    const shut = await portolan('scanner', 'check', HOST, `${PORTS.shut}`, '--from', 'inside')
    expect(shut.stdout).toContain('Open from nowhere that was asked')
  })
})
