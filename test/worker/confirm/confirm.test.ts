import { JOB_VERSION } from '@portolan/core/jobs.ts'
import { finishScan } from '@portolan/worker/jobs/finish-scan.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pastScan, unfinishedScan } from '#test/support/past-scan.ts'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from '../harness.ts'

const [postgres] = await testQueueUrls()
const IP = `${NET}.9`
const WHERE = { targets: [[IP, IP] as const], ports: '{[20000,20009]}' }
const at = (port: number) => ({ at: `${IP}:${port}` })

let harness: Harness
vi.setConfig({ testTimeout: 90_000 })
beforeEach(async () => {
  harness = await openHarness(postgres?.url ?? '')
})
afterEach(() => harness.close())

const changes = async () =>
  (
    await harness.db.query(
      `SELECT kind, verdict, e.port, after ->> 'state' AS state, scan_id FROM changes c JOIN endpoints e ON e.id = c.endpoint_id
       WHERE verdict <> 'flapping' ORDER BY c.id`,
    )
  ).rows
const finish = (scanId: string) =>
  finishScan({ db: harness.db, log: pino({ level: 'silent' }) }, { name: 'finish', v: JOB_VERSION, scanId })

test('what a scan merely missed is found by the second look, and nobody is told', async () => {
  await harness.listen([`${IP}:20001`])
  await pastScan(harness.db, { ...WHERE, seen: [at(20_001)] })
  const scan = await unfinishedScan(harness.db, WHERE)
  await harness.worker()
  expect(await harness.until(scan, 'completed')).toMatchObject({ status_reason: null })
  expect(await changes()).toEqual([])
  expect(await harness.found(scan)).toEqual([`${IP}:20001`])
})

test('what has closed is told as confirmed, once, and opens again the same way', async () => {
  await pastScan(harness.db, { ...WHERE, seen: [at(20_001)] })
  await harness.worker()
  const gone = await harness.scan(WHERE)
  await harness.until(gone, 'completed')
  await harness.listen([`${IP}:20001`])
  const back = await harness.scan(WHERE)
  await harness.until(back, 'completed')
  expect(await changes()).toEqual([
    { kind: 'closed', verdict: 'confirmed', port: 20_001, state: 'closed', scan_id: gone },
    { kind: 'opened', verdict: 'confirmed', port: 20_001, state: 'open', scan_id: back },
  ])
})

test('what answered once, and not a second time, is kept as unconfirmed', async () => {
  await pastScan(harness.db, { ...WHERE, seen: [at(20_001)] })
  await pastScan(harness.db, { ...WHERE, seen: [{ ...at(20_001), state: 'closed' }] })
  const scan = await unfinishedScan(harness.db, { ...WHERE, seen: [at(20_001)] })
  await harness.worker()
  await harness.until(scan, 'completed')
  expect((await changes()).at(-1)).toMatchObject({ kind: 'opened', verdict: 'unconfirmed', scan_id: scan })
})

test('silence is believed after the second look, and not before', async () => {
  await pastScan(harness.db, { ...WHERE, seen: [at(20_001), at(20_002)] })
  const scan = await unfinishedScan(harness.db, WHERE)
  await harness.db.query(
    `INSERT INTO confirmations VALUES ($1, 'default', 'tcp', $2, 20001, 'filtered', 'no-response')`,
    [scan, IP],
  )
  await finish(scan)
  const told = (await changes()).map(({ port, verdict, state }) => ({ port, verdict, state }))
  expect(told.toSorted((a, b) => a.port - b.port)).toEqual([
    { port: 20_001, verdict: 'confirmed', state: 'filtered' },
    { port: 20_002, verdict: 'unconfirmed', state: 'closed' },
  ])
})

test('a worker that dies during the second look is followed by another', async () => {
  await pastScan(harness.db, { ...WHERE, seen: [at(20_001)] })
  const scan = await unfinishedScan(harness.db, WHERE)
  const first = await harness.workerProcess()
  await vi.waitFor(
    async () => {
      const { rows } = await harness.db.query(
        `SELECT FROM shards WHERE scan_id = $1 AND ordinal = -2 AND state = 'claimed'`,
        [scan],
      )
      expect(rows).toHaveLength(1)
    },
    { timeout: 60_000, interval: 10 },
  )
  first.kill('SIGKILL')
  await harness.worker()
  await harness.until(scan, 'completed')
  expect(await changes()).toMatchObject([{ kind: 'closed', verdict: 'confirmed', scan_id: scan }])
})
