import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createClient, take } from '@portolan/client/client.ts'
import { type RunningWorker, startWorker } from '@portolan/worker/start-worker.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestApi, type TestApi } from '#test/api/test-api.ts'
import { runPortolan } from '#test/support/run-portolan.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })
const folder = mkdtempSync(path.join(tmpdir(), 'portolan-remote-'))
let api: TestApi
let worker: RunningWorker
let ssh: Server
let port = 0

beforeAll(async () => {
  api = await openTestApi()
  ssh = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1\r\n'))
  await new Promise<void>((resolve) => ssh.listen(0, '127.0.0.1', resolve))
  const address = ssh.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
  worker = await startWorker({
    databaseUrl: api.databaseUrl,
    queueUrl: api.databaseUrl,
    vantage: 'default',
    name: 'test',
    version: '0',
    slots: 2,
    connections: 100,
    hostConnections: 100,
    lease: 5_000,
    client: { name: 'Portolan', url: null },
    notify: null,
    log: pino({ level: 'silent' }),
  })
})
afterAll(async () => {
  await worker.stop()
  ssh.close()
  await api.stop()
  rmSync(folder, { recursive: true, force: true })
})

const scan = (...args: string[]) => scanWith('', ...args)
const scanWith = (input: string, ...args: string[]) =>
  runPortolan(['scan', ...args, '--server', api.url], {
    input,
    cwd: folder,
    env: { PORTOLAN_KEY: api.key, XDG_CONFIG_HOME: folder, PORTOLAN_CONFIG: '' },
  })

/** The newest first. */
async function scans() {
  const client = createClient({ url: api.url, key: api.key })
  return (await take(client.GET('/v1/scans', { params: { query: { limit: 1 } } }))).items
}

test('submits, follows to the end, and prints what the service found in every format', async () => {
  const { code, stdout, stderr } = await scan(
    '127.0.0.1',
    '-p',
    `${port}`,
    '--format',
    'ndjson',
    '-o',
    'found.xml',
    '--stats',
    'stats.json',
  )
  expect(JSON.parse(readFileSync(path.join(folder, 'stats.json'), 'utf8'))).toMatchObject({
    probes: 1,
    open: 1,
    lossEstimate: 0,
  })
  expect(code).toBe(0)
  expect(stderr).toMatch(/^1 address, 1 port: 1 open\. \d+ packets? in [^\n]+\nKept as the scan [\da-f-]{36}: portolan/)
  const [last] = await scans()
  expect(stderr.replace(/\s+/g, ' ')).toContain(`portolan export ${last?.id} prints it in any format.`)
  expect(JSON.parse(stdout)).toMatchObject({
    ip: '127.0.0.1',
    port,
    state: 'open',
    service: { product: 'OpenSSH' },
  })
  expect(readFileSync(path.join(folder, 'found.xml'), 'utf8')).toContain(`portid="${port}"`)
})

test('counts every address that was asked, also those nothing is open on; both files of one scan agree', async () => {
  const { code } = await scan('127.0.0.0/30', '-p', `${port}`, '--no-services', '-o', 'four.xml')
  expect(code).toBe(0)
  const xml = readFileSync(path.join(folder, 'four.xml'), 'utf8')
  expect(xml).toMatch(/exit="success"/)
  expect(xml).toContain('<hosts up="1" down="3" total="4"/>')
  const [last] = await scans()
  const told = await api.send('GET', `/v1/scans/${last?.id}/results?format=xml`)
  expect(told.text).toContain('<hosts up="1" down="3" total="4"/>')
})

test('a scan that was cut short is no success: the file says so, and so does the exit code', async () => {
  const running = scan('127.0.0.1', '-p', '1-60000', '--rate', '500', '--no-services', '-o', 'cut.xml')
  await vi.waitFor(
    async () => {
      const [last] = await scans()
      expect(last).toMatchObject({ status: 'running', ports: '1-60000' })
      await api.send('POST', `/v1/scans/${last?.id}/cancel`)
    },
    { timeout: 20_000, interval: 50 },
  )
  const { code, stderr } = await running
  expect([code, stderr]).toEqual([1, expect.stringContaining('the scan ended cancelled')])
  const xml = readFileSync(path.join(folder, 'cut.xml'), 'utf8')
  expect(xml).toMatch(/exit="error"[^>]*errormsg="the scan ended cancelled/)
})

test('a dry run says what the service would do, and what it refuses', async () => {
  const [before] = await scans()
  const dry = await scan('127.0.0.0/30', '-p', '1-10', '--rate', '20', '--dry-run')
  expect([dry.code, dry.stdout]).toEqual([
    0,
    expect.stringMatching(/Addresses +4\nPorts +10 .*\nProbes +40\nDuration +about 0:02\n/),
  ])
  const outside = await scan('127.0.0.1', '192.0.2.7', '-p', '1', '--dry-run')
  expect([outside.code, outside.stdout]).toEqual([
    1,
    expect.stringMatching(/Refused +192\.0\.2\.7: [\s\S]*Accepted +no\n/),
  ])
  expect(JSON.parse((await scan('127.0.0.1', '-p', '1', '--dry-run', '--format', 'json')).stdout)).toMatchObject({
    probes: 1,
  })
  expect((await scans())[0]).toEqual(before)
})

test('targets from standard input, and exclusions, reach the service as they were written', async () => {
  const { code, stderr } = await scanWith(
    '127.0.0.1 # here\n127.0.0.8/30\n',
    '-iL',
    '-',
    '--exclude',
    '127.0.0.9',
    '-p',
    '1',
    '-q',
  )
  expect([code, stderr]).toEqual([0, ''])
  const [last] = await scans()
  expect(last).toMatchObject({ targets: ['127.0.0.1', '127.0.0.8/30'], exclude: ['127.0.0.9'] })
})

test('a file that cannot be written is told before anything is scanned', async () => {
  const [before] = await scans()
  const { code, stderr } = await scan('127.0.0.1', '-p', '1', '-o', 'nowhere/found.xml')
  expect([code, stderr]).toEqual([2, expect.stringContaining('nowhere/found.xml cannot be written')])
  expect((await scans())[0]).toEqual(before)
})

test('what the service refuses is said in its words', async () => {
  const { code, stderr } = await scan('192.0.2.7', '-p', '80')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^portolan: .+192\.0\.2\.7/)])
})

test('options of this machine do not go with a service', async () => {
  const { code, stderr } = await scan('127.0.0.1', '--source-address', '127.0.0.1')
  expect([code, stderr]).toEqual([2, expect.stringContaining('--source-address does not go with --server')])
})

test('a key is for the service it was given for', async () => {
  const env = { PORTOLAN_KEY: '', XDG_CONFIG_HOME: folder, PORTOLAN_CONFIG: '' }
  const { code, stderr } = await runPortolan(['scan', '127.0.0.1', '--server', api.url], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining(`portolan login ${api.url}`)])
})

test('for a place where nobody works a scan waits, and says so; a check does not wait', async () => {
  const running = scan('127.0.0.1', '-p', `${port}`, '--from', 'moon')
  await vi.waitFor(async () => {
    const [last] = await scans()
    expect(last).toMatchObject({ vantages: ['moon'] })
    await api.send('POST', `/v1/scans/${last?.id}/cancel`)
  })
  expect((await running).stderr).toMatch(/^portolan: waiting for a worker at moon; portolan workers says who there is/)
  const { code, stderr } = await runPortolan(['check', '127.0.0.1', `${port}`, '--from', 'moon', '--server', api.url], {
    env: { PORTOLAN_KEY: api.key, XDG_CONFIG_HOME: folder, PORTOLAN_CONFIG: '' },
  })
  expect([code, stderr]).toEqual([1, expect.stringContaining('waiting for a worker at moon')])
  expect((await scans())[0]).toMatchObject({ status: 'cancelled' })
})
