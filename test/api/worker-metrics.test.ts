import { type ApiOptions, startApi } from '@portolan/api/start-api.ts'
import { PLAN_QUEUE } from '@portolan/core/jobs.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from '../worker/harness.ts'

let harness: Harness
beforeAll(async () => {
  const url = await testDatabase()
  harness = await openHarness(url, url)
})
afterAll(() => harness.close())

/** What an API that has just started tells Prometheus. */
async function scrape(): Promise<(series: string) => number> {
  const options: ApiOptions = {
    databaseUrl: harness.url,
    queueUrl: harness.url,
    host: '127.0.0.1',
    port: 0,
    log: pino({ level: 'silent' }),
    addresses: [],
  }
  const api = await startApi(options)
  const text = await fetch(`${api.url}/metrics`).then((response) => response.text())
  await api.stop()
  return (series) => Number(new RegExp(`^${series.replaceAll(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1])
}

test('Prometheus is told how long jobs wait', async () => {
  const queue = harness.queues.queue(PLAN_QUEUE)
  await queue.add({ name: 'nothing', id: 'waits', data: {} })
  const value = await scrape()
  expect(value(`portolan_queue_jobs{queue="${PLAN_QUEUE}"}`)).toBe(1)
  expect(value(`portolan_queue_age_seconds{queue="${PLAN_QUEUE}"}`)).toBeGreaterThan(0)
  await queue.remove('waits')
})

test('Prometheus is told what the workers have done, by vantage', async () => {
  await harness.listen([`${NET}.1:2201`, `${NET}.2:2201`], 'SSH-2.0-OpenSSH_9.2p1\r\n')
  await harness.worker()
  const scan = await harness.scan({
    targets: [[`${NET}.1`, `${NET}.4`]],
    ports: '{[2201,2211)}',
    services: 'default',
  })
  expect(await harness.until(scan, 'completed', 'failed')).toMatchObject({ status: 'completed' })
  const here = '{vantage="default"}'
  // The row of the worker follows with its next sign of life.
  await vi.waitFor(
    async () => {
      const value = await scrape()
      expect(value(`portolan_shards_done_total${here}`)).toBeGreaterThanOrEqual(1)
      expect(value(`portolan_services_examined_total${here}`)).toBe(2)
      expect(value(`portolan_services_identified_total${here}`)).toBe(2)
      expect(value(`portolan_probes_sent_total${here}`)).toBeGreaterThanOrEqual(40)
      expect(value(`portolan_answers_received_total${here}`)).toBeGreaterThanOrEqual(2)
      expect(value(`portolan_observations_stored_total${here}`)).toBeGreaterThanOrEqual(2)
      expect(value(`portolan_shards_failed_total${here}`)).toBe(0)
    },
    { timeout: 20_000, interval: 300 },
  )
})
