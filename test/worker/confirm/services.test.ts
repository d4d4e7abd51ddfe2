/** Services, versions, certificates and first openings are looked at twice before they are told. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createWebServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { unfinishedScan } from '#test/support/past-scan.ts'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from '../harness.ts'

const [postgres] = await testQueueUrls()
const IP = `${NET}.11`
const [SSH, OTHER, WEB, LATE] = [20_011, 20_012, 20_013, 20_014]
const SCAN = { targets: [[IP, IP] as const], ports: '{[20010,20019]}', services: 'light' as const }

let harness: Harness
const stops: (() => unknown)[] = []
vi.setConfig({ testTimeout: 150_000 })
beforeEach(async () => {
  harness = await openHarness(postgres?.url ?? '')
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  await harness.close()
})

async function serve(port: number, server: Server): Promise<() => Promise<unknown>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  server.listen(port, IP)
  await once(server, 'listening')
  const stop = () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((done) => server.close(done))
  }
  stops.push(stop)
  return stop
}

/** Says at each connection what `greeting` returns then. */
const greeter = (greeting: () => string) => createServer((socket) => socket.write(`${greeting()}\r\n`))

const certificate = (name: string) => ({
  key: readFileSync(new URL(`../../support/certificates/${name}.key`, import.meta.url)),
  cert: readFileSync(new URL(`../../support/certificates/${name}.pem`, import.meta.url)),
})

/** Runs one scan; returns `port kind verdict` of what it changed. */
async function told(): Promise<readonly string[]> {
  const scan = await harness.scan(SCAN)
  await harness.until(scan, 'completed')
  return changesOf(scan)
}

async function changesOf(scan: string): Promise<readonly string[]> {
  const { rows } = await harness.db.query<{ line: string }>(
    `SELECT e.port || ' ' || kind || ' ' || verdict AS line FROM changes c JOIN endpoints e ON e.id = c.endpoint_id
     WHERE c.scan_id = $1 ORDER BY e.port, kind`,
    [scan],
  )
  return rows.map(({ line }) => line)
}

const remembered = async () =>
  (await harness.db.query('SELECT port, state, product, version, tls_sha256 FROM endpoints ORDER BY port')).rows

/** The same, but between its first look and the second `act` is done. */
async function toldWith(act: () => Promise<unknown>): Promise<readonly string[]> {
  const scan = await harness.scan(SCAN)
  const client = await harness.db.connect()
  // Shards for a second look are made under a lock of the scan that this one excludes; nothing before them is.
  await client.query('BEGIN')
  await client.query('SELECT FROM scans WHERE id = $1 FOR KEY SHARE', [scan])
  const isOver = async () => {
    const { rows } = await harness.db.query('SELECT state FROM shards WHERE scan_id = $1', [scan])
    return rows.length > 0 && rows.every(({ state }) => state === 'done')
  }
  await vi.waitUntil(isOver, { timeout: 60_000, interval: 20 })
  await act()
  await client.query('COMMIT')
  client.release()
  await harness.until(scan, 'completed')
  return changesOf(scan)
}

/** Two servers that greet and a web server, each of which can be another one from now on. */
async function network() {
  const now = { ssh: 'SSH-2.0-OpenSSH_9.2p1', other: 'SSH-2.0-OpenSSH_9.2p1' }
  const web = createWebServer(certificate('server'), (_, response) => response.end('hello'))
  await serve(
    SSH,
    greeter(() => now.ssh),
  )
  await serve(
    OTHER,
    greeter(() => now.other),
  )
  await serve(WEB, web)
  const replace = async () => {
    now.ssh = 'SSH-2.0-OpenSSH_9.9p1'
    now.other = 'SSH-2.0-dropbear_2022.83'
    web.setSecureContext(certificate('expired'))
    return serve(
      LATE,
      greeter(() => now.ssh),
    )
  }
  const restore = () => {
    now.ssh = 'SSH-2.0-OpenSSH_9.2p1'
    now.other = 'SSH-2.0-OpenSSH_9.2p1'
    web.setSecureContext(certificate('server'))
  }
  return { replace, restore }
}

const CHANGES = [`${SSH} version-changed`, `${OTHER} service-changed`, `${WEB} certificate-changed`, `${LATE} opened`]
const all = (verdict: string) => CHANGES.map((change) => `${change} ${verdict}`)

test('an upgrade, another product, a new certificate and a new port are told in the next run, once', async () => {
  const { replace } = await network()
  await harness.worker()
  expect(await told()).toEqual([])
  await replace()
  expect(await told()).toEqual(all('confirmed'))
  expect(await told()).toEqual([])
  expect(await remembered()).toMatchObject([
    { port: SSH, version: '9.9p1' },
    { port: OTHER, product: 'Dropbear' },
    { port: WEB },
    { port: LATE, state: 'open', version: '9.9p1' },
  ])
})

test('what is there for the first look only is kept as unconfirmed and not believed; when it stays it is told', async () => {
  const { replace, restore } = await network()
  await harness.worker()
  expect(await told()).toEqual([])
  const before = await remembered()
  const shut = await replace()
  const once = await toldWith(async () => {
    restore()
    await shut()
  })
  expect(once).toEqual(all('unconfirmed'))
  expect((await remembered()).slice(0, 3)).toEqual(before)
  expect((await remembered()).slice(3)).toMatchObject([{ port: LATE, state: 'closed' }])
  const { rows } = await harness.db.query(`SELECT before, after FROM changes WHERE kind = 'version-changed'`)
  expect(rows).toMatchObject([{ before: { version: '9.2p1' }, after: { version: '9.9p1' } }])
  expect(await told()).toEqual([])
  await replace()
  expect(await told()).toEqual(all('confirmed'))
})

test('a change that a cancelled scan saw waits for the next one', async () => {
  const { replace } = await network()
  await harness.worker()
  expect(await told()).toEqual([])
  await replace()
  const seen = [{ at: `${IP}:${SSH}`, service: { name: 'ssh', product: 'OpenSSH', version: '9.9p1' } }]
  const lost = { checkpoint: 0, size: 10, state: 'cancelled' } as const
  const { targets, ports } = SCAN
  const scan = await unfinishedScan(harness.db, { targets, ports, seen, lost, wanted: 'cancel' })
  await harness.until(scan, 'cancelled')
  expect(await changesOf(scan)).toEqual([`${SSH} version-changed unconfirmed`])
  expect(await told()).toEqual(all('confirmed'))
})
