/** Scans that are cancelled before anything of them began: over at once, worker or not, and told like any other end. */
import { settleScans } from '@portolan/db/settle-scans.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { testQueueUrls } from '#test/support/test-services.ts'
import { type Harness, NET, openHarness } from './harness.ts'

let harness: Harness
vi.setConfig({ testTimeout: 60_000 })
afterEach(() => harness.close())

async function told(): Promise<readonly unknown[]> {
  const { rows } = await harness.db.query('SELECT event, payload FROM deliveries ORDER BY id')
  return rows.map(({ event, payload }) => [event, payload.data.id])
}

describe.each(await testQueueUrls())('with the queue on $backend', ({ url }) => {
  test('a scan that waits for a worker ends at once, and is told when one comes, once', async () => {
    harness = await openHarness(url)
    await harness.db.query(
      `INSERT INTO webhooks (project_id, name, kind, url, events, secret)
       SELECT id, 'test', 'webhook', 'http://127.0.0.1:1/', '{scan.cancelled}', '\\x00' FROM projects LIMIT 1`,
    )
    const scan = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
    // As the API does it.
    await harness.db.query("UPDATE scans SET wanted = 'cancel' WHERE id = $1", [scan])
    await settleScans(harness.db, scan)
    expect(await harness.state(scan)).toMatchObject({ status: 'cancelled', summary: null })
    for (let i = 0; i < 2; i++) await harness.worker()
    await vi.waitFor(async () => expect(await told()).toEqual([['scan.cancelled', scan]]), { timeout: 20_000 })
    expect((await harness.state(scan)).summary).toMatchObject({ probes: 0, probed: 0, open: 0, gaps: [] })
    const other = await harness.scan({ targets: [[`${NET}.1`, `${NET}.1`]], ports: '{[20000,20029]}' })
    await harness.until(other, 'completed')
    expect(await told()).toEqual([['scan.cancelled', scan]])
  })
})
