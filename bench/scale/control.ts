/** From the request to the status that says it is done: pause, resume and cancel of a running scan, over two workers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from './run.ts'
import { type Backend, type Service, startService } from './service.ts'

const ROUNDS = 10
/** Far from its end whenever it is asked: 65,536 probes, slowly. */
const SCAN = { targets: ['127.42.0.0/24'], ports: '1-256', engine: 'connect', services: false, rate: 200 }
/** Milliseconds a scan runs before it is stopped. */
const RUNS = 500

const STEPS = [
  ['pause', 'paused'],
  ['resume', 'running'],
  ['cancel', 'cancelled'],
] as const

async function until(service: Service, scan: string, reached: (row: { status: string; probed: number }) => boolean) {
  for (;;) {
    const { rows } = await service.db.query<{ status: string; probed: number }>(
      `SELECT status, (SELECT coalesce(sum(checkpoint - from_position), 0)::int FROM shards WHERE scan_id = $1) AS probed
       FROM scans WHERE id = $1`,
      [scan],
    )
    const [row] = rows
    if (row !== undefined && reached(row)) return row.probed
    await sleep(5)
  }
}

async function measure(backend: Backend): Promise<Figures> {
  const service = await startService(backend)
  const times: Record<string, number[]> = { pause: [], resume: [], cancel: [] }
  try {
    for (let i = 0; i < 2; i++) await service.worker()
    for (let round = 0; round < ROUNDS; round++) {
      const id = String((await service.call('POST', '/v1/scans', SCAN)).id)
      await until(service, id, ({ probed }) => probed > 0)
      for (const [verb, status] of STEPS) {
        await sleep(RUNS)
        const before = await until(service, id, () => true)
        const began = performance.now()
        await service.call('POST', `/v1/scans/${id}/${verb}`)
        // Resumed is what sends again, whatever the status says.
        await until(service, id, (now) => now.status === status && (verb !== 'resume' || now.probed > before))
        times[verb]?.push(performance.now() - began)
      }
    }
  } finally {
    await service.stop()
  }
  const summary = Object.entries(times).flatMap(([verb, all]) => {
    const sorted = all.sort((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)
    return [
      [`${verb}Median`, at(0.5)],
      [`${verb}P95`, at(0.95)],
      [`${verb}Max`, at(1)],
    ] as const
  })
  return { backend, rounds: ROUNDS, ...Object.fromEntries(summary) }
}

export async function control(): Promise<readonly Figures[]> {
  return [await measure('postgres'), await measure('redis')]
}
