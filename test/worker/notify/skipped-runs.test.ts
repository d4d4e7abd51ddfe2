import { randomUUID } from 'node:crypto'
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { guardOf } from '@portolan/worker/notify/guard.ts'
import { tellSkippedRuns } from '@portolan/worker/notify/news-of-schedules.ts'
import { createNotifier } from '@portolan/worker/notify/notifier.ts'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'
import { receiver } from './receiver.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())

const BUSY = 'the scan before still runs'

test('a run that was skipped is told once, and again when something else keeps the next one from running', async () => {
  const { url, got } = await receiver()
  await db.pool.query(
    `INSERT INTO webhooks (project_id, name, kind, events, secret, url) VALUES ($1, 'test', 'webhook', $2, $3, $4)`,
    [DEFAULT_PROJECT, ['schedule.*'], Buffer.alloc(32, 7), url],
  )
  const schedule = await db.pool.query<{ id: string }>(
    `INSERT INTO schedules (project_id, name, request, every_seconds) VALUES ($1, 'nightly', '{}', 60) RETURNING id`,
    [DEFAULT_PROJECT],
  )
  const run = (minute: number, outcome: string, reason: string | null) =>
    db.pool.query('INSERT INTO schedule_runs (schedule_id, due_at, outcome, reason) VALUES ($1, $2, $3, $4)', [
      schedule.rows[0]?.id,
      new Date(Date.UTC(2026, 0, 1, 0, minute)),
      outcome,
      reason,
    ])
  await run(0, 'started', null)
  // Another scan in the way each time is the same reason.
  for (const minute of [1, 2]) await run(minute, 'skipped', `${BUSY}: ${randomUUID()}`)
  await tellSkippedRuns(db.pool)
  await run(3, 'skipped', `${BUSY}: ${randomUUID()}`)
  await run(4, 'skipped', 'the key was revoked')
  await run(5, 'started', null)
  await run(6, 'skipped', `${BUSY}: ${randomUUID()}`)
  // Two workers at once tell nothing twice.
  await Promise.all([tellSkippedRuns(db.pool), tellSkippedRuns(db.pool)])
  const ways = { guard: guardOf(['127.0.0.0/8'], []), sendMail: null, client: { name: 'Portolan', url: null } }
  const running = createNotifier({ db: db.pool, ways, onError: (error) => expect.fail(String(error)) })
  onTestFinished(() => running.stop())
  await vi.waitFor(() => expect(got).toHaveLength(3), { timeout: 20_000 })
  const told = got.map(({ body }) => JSON.parse(body)).toSorted((a, b) => (a.data.dueAt < b.data.dueAt ? -1 : 1))
  expect(told).toMatchObject([
    { type: 'schedule.skipped', text: /^schedule nightly was skipped: the scan before/, data: { name: 'nightly' } },
    { type: 'schedule.skipped', data: { reason: 'the key was revoked', dueAt: '2026-01-01T00:04:00.000Z' } },
    { type: 'schedule.skipped', data: { dueAt: '2026-01-01T00:06:00.000Z' } },
  ])
})
