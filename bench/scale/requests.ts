/** What the API takes: scans one after the other as fast as they are accepted, and answers while 10,000 of them wait. */
import { type SteadyRequest, steady } from '../api/steady.ts'
import type { Figures } from './run.ts'
import { type Backend, cpu, HEADERS, peak, type Service, serversIn, startService } from './service.ts'

const SCAN = { targets: ['127.0.0.0/24'], ports: '22,80,443', services: false }
const CLIENTS = 16
const SECONDS = 8
const WAITING = 10_000
/** Requests a second while the scans wait. */
const CALM = 100
/** The same for pages of 50 scans. */
const LISTS = 25

/** `count` scans, several clients at once; seconds. */
async function post(service: Service, count: number): Promise<number> {
  let left = count
  const began = performance.now()
  const client = async () => {
    while (left-- > 0) await service.call('POST', '/v1/scans', SCAN)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return (performance.now() - began) / 1_000
}

/** Nobody works on them: what accepting costs, the queue included. The client's processor time is not the API's. */
export async function accept(): Promise<readonly Figures[]> {
  const figures: Figures[] = []
  for (const backend of ['postgres', 'redis'] as const) {
    const service = await startService(backend)
    try {
      await post(service, 500)
      const pid = service.api.pid ?? 0
      const before = await cpu(pid)
      const count = 3_000
      const seconds = await post(service, count)
      figures.push({
        backend,
        scansPerSecond: Math.round(count / seconds),
        apiMsPerScan: Number(((((await cpu(pid)) - before) / count) * 1_000).toFixed(2)),
      })
    } finally {
      await service.stop()
    }
  }
  return figures
}

/** 10,000 scans and more are unfinished, while a live worker plans them, hands them out and is allowed hardly a packet. */
export async function queued(): Promise<readonly Figures[]> {
  const figures: Figures[] = []
  for (const backend of ['postgres', 'redis'] as const) figures.push(await withWaiting(backend))
  return figures
}

async function withWaiting(backend: Backend): Promise<Figures> {
  const service = await startService(backend)
  try {
    // One probe a second for everything together: they wait, and the worker has the whole of them to look after.
    await service.call('PUT', '/v1/limits', { global: 1, perHost: null, vantages: {} })
    const worker = await service.worker()
    const seconds = await post(service, WAITING)
    const { id } = (await service.db.query('SELECT id FROM scans ORDER BY id LIMIT 1')).rows[0]
    const url = `${service.url}/v1/scans`
    const headers = HEADERS
    const ask = (request: SteadyRequest, rate = CALM) => steady(request, rate, SECONDS)
    const read = await ask({ url: `${url}/${id}`, method: 'GET', headers })
    const list = await ask({ url: `${url}?limit=50`, method: 'GET', headers }, LISTS)
    const start = await ask({ url, method: 'POST', headers, body: JSON.stringify(SCAN) })
    const { rows } = await service.db.query('SELECT count(*)::int AS n FROM scans WHERE finished_at IS NULL')
    return {
      backend,
      unfinished: rows[0].n,
      acceptedPerSecond: Math.round(WAITING / seconds),
      readP99: read.p99,
      listP99: list.p99,
      startP99: start.p99,
      errors: read.errors + list.errors + start.errors,
      apiMiB: await peak(service.api.pid ?? 0),
      workerMiB: await peak(worker.pid ?? 0),
      ...(service.redisPid !== null && { redisMiB: await peak(service.redisPid) }),
      largestPostgresMiB: Math.max(...(await Promise.all(serversIn(service.folder).map(peak)))),
    }
  } finally {
    await service.stop()
  }
}
