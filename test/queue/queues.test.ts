import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Delivery, Postpone } from '@portolan/queue/consumer.ts'
import { QueueUnavailable } from '@portolan/queue/job-queue.ts'
import { openQueues, type Queues } from '@portolan/queue/queues.ts'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { emptyDatabase, testQueueUrls } from '#test/support/test-services.ts'

const opened: Queues[] = []
const open = (url: string, errors: Error[] = []) => {
  const queues = openQueues(url, { onError: (error) => errors.push(error), timeout: 2_000 })
  opened.push(queues)
  return queues
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((queues) => queues.close()))
})

const job = (id: string, data: object = {}, priority?: number) => ({
  name: 'job',
  id,
  data,
  ...(priority === undefined ? {} : { priority }),
})
const until = (condition: () => unknown) =>
  vi.waitFor(() => expect(condition()).toBeTruthy(), { timeout: 8_000, interval: 10 })

describe.each(await testQueueUrls())('queues on $backend', ({ backend, url }) => {
  beforeAll(() => Promise.all([open(url).migrate(), open(url).migrate()]))

  test('deliver what was added, once per id while it waits, and again after it was done', async () => {
    const queues = open(url)
    expect(queues.backend).toBe(backend)
    const queue = queues.queue('delivery')
    await queue.add(job('one', { n: 1 }), job('one', { n: 2 }), job('two', { n: 3 }))
    expect(await queue.counts()).toEqual({ waiting: 2, active: 0, delayed: 0 })
    const since = (await queue.waitingSince())?.getTime()
    expect(since).toBeGreaterThan(Date.now() - 60_000)
    expect(since).toBeLessThanOrEqual(Date.now())
    const seen: Delivery[] = []
    queues.worker('delivery', async (delivery) => void seen.push(delivery))
    await until(() => seen.length === 2)
    await vi.waitFor(async () => expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 }))
    expect(await queue.waitingSince()).toBeNull()
    await queue.add(job('one', { n: 4 }))
    await until(() => seen.length === 3)
    expect(seen.map(({ id, data }) => ({ id, data }))).toEqual([
      { id: 'one', data: { n: 1 } },
      { id: 'two', data: { n: 3 } },
      { id: 'one', data: { n: 4 } },
    ])
  })

  test('the urgent goes first', async () => {
    const queues = open(url)
    await queues.queue('urgent').add(job('later', {}, 9), job('now', {}, 1), job('soon', {}, 5))
    const seen: string[] = []
    queues.worker('urgent', async ({ id }) => void seen.push(id))
    await until(() => seen.length === 3)
    expect(seen).toEqual(['now', 'soon', 'later'])
  })

  test('a job that fails is tried three times, one that is postponed until it runs', async () => {
    const errors: Error[] = []
    const queues = open(url, errors)
    const seen: string[] = []
    queues.worker('failing', async ({ id }) => {
      seen.push(id)
      if (id === 'postponed' && seen.filter((s) => s === id).length < 5) throw new Postpone(20)
      if (id === 'broken') throw new Error('does not work')
    })
    await queues.queue('failing').add(job('broken'), job('postponed'))
    await until(() => seen.filter((id) => id === 'broken').length === 3)
    await vi.waitFor(async () =>
      expect(await queues.queue('failing').counts()).toEqual({ waiting: 0, active: 0, delayed: 0 }),
    )
    expect(seen.filter((id) => id === 'postponed')).toHaveLength(5)
    expect(seen.filter((id) => id === 'broken')).toHaveLength(3)
    // Told a moment after the job is gone.
    await until(() => errors.length === 3)
    expect(errors.map((e) => e.message)).toEqual(['does not work', 'does not work', 'does not work'])
  })

  test('a removed job is not delivered', async () => {
    const queues = open(url)
    const queue = queues.queue('removal')
    await queue.add(job('stays'), job('goes'))
    await queue.remove('goes')
    await queue.remove('never was')
    const seen: string[] = []
    queues.worker('removal', async ({ id }) => void seen.push(id))
    await until(() => seen.length === 1)
    await sleep(50)
    expect(seen).toEqual(['stays'])
  })

  test('the job of a consumer that was killed goes to another', async () => {
    const script = fileURLToPath(new URL('./consumer-process.ts', import.meta.url))
    const child = fork(script, [url, 'killed'])
    const queues = open(url)
    await queues.queue('killed').add(job('orphan'))
    expect(await once(child, 'message')).toEqual(['orphan', undefined])
    child.kill('SIGKILL')
    const seen: string[] = []
    queues.worker('killed', async ({ id }) => void seen.push(id), { lockDuration: 500 })
    await until(() => seen.length === 1)
    expect(seen).toEqual(['orphan'])
  })

  test('closing waits for what runs', async () => {
    const queues = open(url)
    let state = 'waiting'
    queues.worker('closing', async () => {
      state = 'running'
      await sleep(150)
      state = 'done'
    })
    await queues.queue('closing').add(job('slow'))
    await until(() => state === 'running')
    await queues.close()
    expect(state).toBe('done')
  })
})

test('PostgreSQL needs the migration, and says so', async () => {
  const error = await open(await emptyDatabase())
    .queue('any')
    .add(job('one'))
    .catch((e: unknown) => e)
  expect(error).toBeInstanceOf(QueueUnavailable)
  expect(String((error as Error).cause)).toMatch(/not initialized/)
})

test('options in a PostgreSQL URL do no harm', async () => {
  const url = `${await emptyDatabase()}?options=-c%20statement_timeout%3D60000`
  const queues = open(url)
  await queues.migrate()
  await queues.queue('any').add(job('one'))
  expect(await queues.queue('any').counts()).toMatchObject({ waiting: 1 })
})

test('an unknown scheme is refused', () => {
  expect(() => openQueues('amqp://localhost')).toThrow(/redis:\/\/, rediss:\/\/ or postgres:\/\//)
})
