/** What a backend delivers by itself, and what is left of it when each delivery is a shard claimed, scanned and committed. */
import { openQueues } from '@portolan/queue/queues.ts'
import type { Figures } from './run.ts'
import { ended, startService } from './service.ts'

const JOBS = 5_000
const SCANS = 400

/** Deliveries that do nothing: added a thousand at a time, 16 under way at once. */
export async function queue(): Promise<readonly Figures[]> {
  const figures: Figures[] = []
  for (const backend of ['postgres', 'redis'] as const) {
    const service = await startService(backend)
    try {
      await using queues = openQueues(service.queueUrl, { timeout: 60_000 })
      const jobs = queues.queue('bench')
      const began = performance.now()
      for (let from = 0; from < JOBS; from += 1_000)
        await jobs.add(...Array.from({ length: 1_000 }, (_, i) => ({ name: 'x', id: `j${from + i}`, data: {} })))
      const added = performance.now()
      const { promise: done, resolve } = Promise.withResolvers<void>()
      let left = JOBS
      const handler = async () => {
        if (--left === 0) resolve()
      }
      queues.worker('bench', handler, { concurrency: 16 })
      await done
      const perSecond = (ms: number) => Math.round((JOBS * 1_000) / ms)
      const [add, deliver] = [perSecond(added - began), perSecond(performance.now() - added)]
      figures.push({ backend, addedPerSecond: add, deliveredPerSecond: deliver })
    } finally {
      await service.stop()
    }
  }
  return figures
}

/** Scans of one closed port each: every one is planned, cut into one shard, scanned and finished, so three jobs. */
export async function shards(): Promise<readonly Figures[]> {
  const figures: Figures[] = []
  for (const backend of ['postgres', 'redis'] as const) {
    const service = await startService(backend)
    try {
      for (let i = 0; i < SCANS; i++)
        await service.call('POST', '/v1/scans', {
          targets: [`127.40.${i >> 8}.${i & 255}`],
          ports: '9',
          engine: 'connect',
          services: false,
        })
      const began = performance.now()
      await service.worker({ slots: 8 })
      const notCompleted = await ended(service)
      const seconds = (performance.now() - began) / 1_000
      const { rows } = await service.db.query('SELECT count(*)::int AS n FROM shards')
      figures.push({
        backend,
        shardsPerSecond: Number((rows[0].n / seconds).toFixed(1)),
        shards: rows[0].n,
        notCompleted,
      })
    } finally {
      await service.stop()
    }
  }
  return figures
}
