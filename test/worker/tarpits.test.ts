import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

const backends = await testQueueUrls()
let harness: Harness
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

/** Listens on the scanned ports and on all that controls are taken from. */
const tarpit = (host: string) => `
  const ports = [...Array(20).keys()].map((i) => 20000 + i).concat([...Array(15872).keys()].map((i) => 49664 + i))
  let left = ports.length
  for (const port of ports)
    require('node:net').createServer((s) => { s.on('error', () => {}); s.destroy() })
      .on('error', () => --left || console.log('ready'))
      .listen(port, '${host}', 64, () => --left || console.log('ready'))`

async function besideTarpit(work: () => Promise<void>): Promise<void> {
  harness = await openHarness(backends[0]?.url ?? '')
  const child = spawn(process.execPath, ['-e', tarpit(`${NET}.9`)], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(child.stdout, 'data')
    await work()
  } finally {
    child.kill()
  }
}

test('a host on which everything opens is told as one, and its ports are neither remembered nor changes', () =>
  besideTarpit(async () => {
    await harness.listen([`${NET}.8:20003`])
    await harness.worker()
    const wish = { targets: [[`${NET}.8`, `${NET}.9`]], ports: '{[20000,20019]}', services: 'light' } as const
    for (const _ of ['first', 'again']) {
      const scan = await harness.scan(wish)
      expect(await harness.until(scan, 'completed', 'partial', 'failed')).toMatchObject({
        status: 'completed',
        summary: { open: 21, allPortsOpen: { default: [`${NET}.9`] } },
      })
    }
    const { rows } = await harness.db.query('SELECT host(ip) AS ip, port FROM endpoints')
    expect(rows).toEqual([{ ip: `${NET}.8`, port: 20_003 }])
    expect((await harness.db.query('SELECT FROM changes')).rowCount).toBe(0)
  }))

test('it is told as one although no shard asks it more than a few ports', () =>
  besideTarpit(async () => {
    await harness.listen([`${NET}.8:20003`, `${NET}.8:20004`])
    await harness.worker()
    const scan = await harness.scan({ targets: [[`${NET}.0`, `${NET}.255`]], ports: '{[20000,20019]}' })
    expect(await harness.until(scan, 'completed', 'partial', 'failed')).toMatchObject({
      status: 'completed',
      summary: { open: 22, allPortsOpen: { default: [`${NET}.9`] } },
    })
    const { rows } = await harness.db.query('SELECT count(*)::int AS count FROM shards WHERE scan_id = $1', [scan])
    expect(rows[0].count).toBeGreaterThanOrEqual(4)
    const known = await harness.db.query('SELECT host(ip) AS ip FROM endpoints GROUP BY ip')
    expect(known.rows).toEqual([{ ip: `${NET}.8` }])
  }))
