import { createSocket } from 'node:dgram'
import { planJob, shardJob } from '@portolan/core/jobs.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

const backends = await testQueueUrls()
let harness: Harness
// Every test starts processes or waits for a scan, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 })
afterEach(() => harness.close())

test('asks TCP and UDP, each with the engine this worker has for it', async () => {
  harness = await openHarness(backends[0]?.url ?? '')
  await harness.listen([`${NET}.1:20001`])
  const echo = createSocket('udp4').on('message', (bytes, { port, address }) => echo.send(bytes, port, address))
  await new Promise<void>((done) => echo.bind(20_002, `${NET}.1`, done))
  const scan = await harness.scan({
    targets: [[`${NET}.1`, `${NET}.1`]],
    ports: '{[20000,20009]}',
    udpPorts: '{[20000,20004]}',
    engine: 'auto',
    record: 'all',
  })
  await harness.worker()
  expect(await harness.until(scan, 'completed', 'partial', 'failed')).toMatchObject({
    status: 'completed',
    summary: { probes: 15, open: 2, closed: 13 },
  })
  echo.close()
  const { rows } = await harness.db.query(
    `SELECT transport, state, count(*)::int FROM observations WHERE scan_id = $1 GROUP BY 1, 2 ORDER BY 1, 2`,
    [scan],
  )
  expect(rows).toEqual([
    { transport: 'tcp', state: 'open', count: 1 },
    { transport: 'tcp', state: 'closed', count: 9 },
    { transport: 'udp', state: 'open', count: 1 },
    { transport: 'udp', state: 'closed', count: 4 },
  ])
})

test('looks for hosts first when asked to, and scans those', async () => {
  harness = await openHarness(backends[0]?.url ?? '')
  await harness.listen([`${NET}.9:20003`])
  const wish = { ports: '{[20000,20099]}', discovery: true } as const
  const scan = await harness.scan({ ...wish, targets: [[`${NET}.8`, `${NET}.11`]] })
  await harness.worker()
  expect(await harness.until(scan, 'completed', 'partial', 'failed')).toMatchObject({
    status: 'completed',
    // All of 127.0.0.0/8 is this machine, so all of it answers.
    summary: { probes: 400, probed: 400, open: 1, closed: 399, liveHosts: { default: 4 }, shards: { done: 2 } },
  })
  expect(await harness.found(scan)).toEqual([`${NET}.9:20003`])
  const covers = await loadCoverage(harness.db, scan)
  const endpoint = { vantage: 'default', transport: 'tcp', port: 20_050 } as const
  expect(covers({ ...endpoint, ip: `${NET}.10` })).toBe(true)
  expect(covers({ ...endpoint, ip: `${NET}.12` })).toBe(false)
})

describe.each(backends)('a scan with the queue on $backend', ({ url }) => {
  test('finds what listens, names what runs there, and counts the rest', async () => {
    harness = await openHarness(url)
    await harness.listen([`${NET}.2:20022`], 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n')
    await harness.listen([`${NET}.2:20023`, `${NET}.3:20999`], 'SSH-2.0-OpenSSH_8.4p1\r\n')
    const scan = await harness.scan({
      targets: [[`${NET}.1`, `${NET}.4`]],
      ports: '{[20000,20999]}',
      services: 'light',
    })
    await harness.worker()
    await harness.queues.queue('portolan-plan').add(planJob(scan))
    const { status, summary, status_reason } = await harness.until(scan, 'completed', 'partial', 'failed')
    expect({ status, status_reason }).toEqual({ status: 'completed', status_reason: null })
    expect(summary).toMatchObject({ probes: 4000, probed: 4000, open: 3, closed: 3997, filtered: 0, gaps: [] })
    expect(await harness.found(scan)).toEqual([`${NET}.2:20022`, `${NET}.2:20023`, `${NET}.3:20999`])
    const { rows } = await harness.db.query(
      'SELECT port, detection, method, service, product, version FROM observations WHERE scan_id = $1 ORDER BY ip, port',
      [scan],
    )
    const ssh = { detection: 'identified', method: 'probed', service: 'ssh', product: 'OpenSSH' }
    expect(rows).toEqual([
      { port: 20022, ...ssh, version: '9.2p1' },
      { port: 20023, ...ssh, version: '8.4p1' },
      { port: 20999, ...ssh, version: '8.4p1' },
    ])
  })

  test('records every port when asked to, and is found by the reconciler when its job got lost', async () => {
    harness = await openHarness(url)
    await harness.listen([`${NET}.1:20001`])
    const scan = await harness.scan({
      targets: [[`${NET}.1`, `${NET}.1`]],
      ports: '{[20000,20049]}',
      record: 'all',
    })
    await harness.worker()
    await harness.until(scan, 'completed')
    const { rows } = await harness.db.query(
      'SELECT state, reason, count(*)::int FROM observations WHERE scan_id = $1 GROUP BY 1, 2 ORDER BY 1',
      [scan],
    )
    expect(rows).toEqual([
      { state: 'open', reason: 'conn-accept', count: 1 },
      { state: 'closed', reason: 'conn-refused', count: 49 },
    ])
  })

  test('what the scope does not allow is not touched, whoever put the job into the queue', async () => {
    harness = await openHarness(url)
    await harness.worker()
    // Never planned: a shard made by hand, as somebody with access to database and queue might.
    const forged = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20009]}' })
    await harness.db.query("UPDATE scopes SET cidr = '127.0.0.0/10'")
    await harness.db.query("UPDATE scans SET status = 'running', started_at = now() WHERE id = $1", [forged])
    const { rows } = await harness.db.query(
      `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint)
       VALUES ($1, 'default', 'tcp', 0, 0, 10, 0) RETURNING id::text`,
      [forged],
    )
    await harness.queues.queue('portolan-scan-default').add(shardJob(forged, rows[0].id, 0))
    expect(await harness.until(forged, 'failed')).toMatchObject({
      status_reason: expect.stringContaining(`outside the scope: ${NET}.1: special-purpose`),
      summary: { probed: 0, sent: 0, gaps: [{ from: 0, to: 10 }] },
    })
    // And one that was accepted while the scope was wider.
    const planned = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20009]}' })
    await harness.queues.queue('portolan-plan').add(planJob(planned))
    expect(await harness.until(planned, 'failed')).toMatchObject({
      status_reason: expect.stringContaining('outside the scope'),
    })
  })

  test('waits for a worker at its vantage and says so', async () => {
    harness = await openHarness(url)
    await harness.listen([`${NET}.1:20001`])
    await harness.worker()
    const scan = await harness.scan({
      targets: [[`${NET}.1`, `${NET}.1`]],
      ports: '{[20000,20009]}',
      vantages: ['default', 'office'],
    })
    await vi.waitFor(
      async () =>
        expect(await harness.state(scan)).toMatchObject({
          status: 'running',
          status_reason: 'waiting for a worker at office',
        }),
      { timeout: 10_000 },
    )
    await harness.worker({ vantage: 'office' })
    expect(await harness.until(scan, 'completed')).toMatchObject({ status_reason: null, summary: { open: 2 } })
    const { rows } = await harness.db.query('SELECT vantage FROM observations WHERE scan_id = $1 ORDER BY 1', [scan])
    expect(rows).toEqual([{ vantage: 'default' }, { vantage: 'office' }])
  })
})
