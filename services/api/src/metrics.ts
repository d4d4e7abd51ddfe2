/** What Prometheus reads: requests as they pass, and the state of the tables at the moment of the question. */
import { FINISH_QUEUE, PLAN_QUEUE, scanQueue } from '@portolan/core/jobs.ts'
import type { Queues } from '@portolan/queue/queues.ts'
import type { RequestHandler } from 'express'
import type { Pool } from 'pg'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { createExposureMetrics } from './exposure-metrics.ts'
import { createWorkerMetrics } from './worker-metrics.ts'

export interface Metrics {
  readonly contentType: string
  /** Counts and times every request. */
  readonly observe: RequestHandler
  render(sources: Sources): Promise<string>
}

type Sources = { readonly db: { readonly pool: Pool }; readonly queues: Queues }

/** Milliseconds between two looks at the tables, however many ask. */
const FRESH = 5_000

const COUNTS = `
  SELECT 'portolan_scans' AS metric, status::text AS label, count(*)::float8 AS value FROM scans
    WHERE status IN ('queued', 'planning', 'running', 'paused', 'finishing') GROUP BY status
  UNION ALL SELECT 'portolan_shards', state::text, count(*) FROM shards WHERE state IN ('pending', 'claimed') GROUP BY state
  UNION ALL SELECT 'portolan_probes_left', vantage, sum(to_position - checkpoint)::float8 FROM shards
    WHERE state IN ('pending', 'claimed') GROUP BY vantage
  UNION ALL SELECT 'portolan_probe_loss', vantage, avg(loss)::float8 FROM shards
    WHERE state = 'claimed' AND loss IS NOT NULL GROUP BY vantage
  UNION ALL SELECT 'portolan_workers', vantage, count(*) FROM workers
    WHERE heartbeat_at > now() - interval '1 minute' GROUP BY vantage
  UNION ALL SELECT 'portolan_oldest_waiting_seconds', '', coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
    FROM scans WHERE status IN ('queued', 'planning')`

/** Of each gauge: what it says, and what its label means. */
const GAUGES = {
  portolan_scans: ['Unfinished scans', 'status'],
  portolan_shards: ['Unfinished shards', 'state'],
  portolan_probes_left: ['Probes not yet resolved', 'vantage'],
  portolan_probe_loss: ['Share of probes lost on the way, by the estimates of the running shards', 'vantage'],
  portolan_workers: ['Workers heard of in the last minute', 'vantage'],
  portolan_oldest_waiting_seconds: ['Age of the scan that waits longest to be planned', ''],
  portolan_queue_jobs: ['Jobs waiting in the queue', 'queue'],
  portolan_queue_age_seconds: ['How long the next job of the queue has waited', 'queue'],
} as const

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'portolan_http_request_seconds',
    help: 'Time from request to end of response',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers: [registry],
  })
  const gauges = new Map(
    Object.entries(GAUGES).map(([name, [help, label]]) => [
      name,
      new Gauge({ name, help, labelNames: label === '' ? [] : [label], registers: [registry] }),
    ]),
  )
  const exposure = createExposureMetrics(registry)
  const work = createWorkerMetrics(registry)
  let looked = Number.NEGATIVE_INFINITY
  return {
    contentType: registry.contentType,
    observe(request, response, next) {
      const end = requests.startTimer()
      response.once('close', () => {
        // The route as declared, not the path: ids in labels would make a new series for each scan.
        const route: unknown = request.route?.path
        end({ method: request.method, route: typeof route === 'string' ? route : 'none', status: response.statusCode })
      })
      next()
    },
    async render(sources) {
      await exposure.refresh(sources.db.pool)
      if (performance.now() - looked > FRESH) {
        looked = performance.now()
        await work.refresh(sources.db.pool)
        const rows = await countsOf(sources)
        for (const gauge of gauges.values()) gauge.reset()
        for (const { metric, label, value } of rows) {
          const name = labelOf(metric)
          gauges.get(metric)?.set(name === '' ? {} : { [name]: label }, value)
        }
      }
      return registry.metrics()
    },
  }
}

interface Count {
  readonly metric: string
  readonly label: string
  readonly value: number
}

const labelOf = (metric: string): string => Object.entries(GAUGES).find(([name]) => name === metric)?.[1][1] ?? ''

/** Without the database or the queue there are fewer gauges, but the metrics of the process are still told. */
async function countsOf({ db, queues }: Sources): Promise<readonly Count[]> {
  const tables = await db.pool.query<Count>(COUNTS).then(
    ({ rows }) => rows,
    () => [],
  )
  const vantages = tables.filter(({ metric }) => metric === 'portolan_workers').map(({ label }) => scanQueue(label))
  const waiting = await Promise.all(
    [PLAN_QUEUE, FINISH_QUEUE, ...vantages].map((queue) => waitingIn(queues, queue).catch(() => [])),
  )
  return [...tables, ...waiting.flat()]
}

async function waitingIn(queues: Queues, label: string): Promise<readonly Count[]> {
  const queue = queues.queue(label)
  const [{ waiting, delayed }, since] = await Promise.all([queue.counts(), queue.waitingSince()])
  const age = since === null ? 0 : Math.max(0, Date.now() - since.getTime()) / 1_000
  return [
    { metric: 'portolan_queue_jobs', label, value: waiting + delayed },
    { metric: 'portolan_queue_age_seconds', label, value: age },
  ]
}
