/**
 * What the workers have done, for Prometheus. Each worker counts from its start and writes that into its row; here the
 * differences are added up by vantage, so that a worker that leaves takes nothing back, and no worker is named.
 */
import type { Pool } from 'pg'
import { Counter, type Registry } from 'prom-client'

export interface WorkerMetrics {
  /** Looks at the rows of the workers; keeps what it has when they cannot be reached. */
  refresh(pool: Pool): Promise<void>
}

/** Of each counter: its name here, what it says. */
const COUNTERS = {
  sent: ['portolan_probes_sent_total', 'Probes sent'],
  received: ['portolan_answers_received_total', 'Answers to probes received'],
  stored: ['portolan_observations_stored_total', 'Observations written to the tables'],
  examined: ['portolan_services_examined_total', 'Open ports asked what they are'],
  identified: ['portolan_services_identified_total', 'Open ports that said what they are'],
  shardsDone: ['portolan_shards_done_total', 'Shards done'],
  shardsFailed: ['portolan_shards_failed_total', 'Shards given up'],
} as const

/** More workers than this are not asked; those heard of last come first. */
const MOST = 1_000

type Row = { readonly id: string; readonly vantage: string; readonly load: Readonly<Record<string, unknown>> | null }

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const counters = Object.entries(COUNTERS).map(([key, [name, help]]) => ({
    key,
    counter: new Counter({ name, help, labelNames: ['vantage'], registers: [registry] }),
  }))
  let known = new Map<string, Row['load']>()
  return {
    async refresh(pool) {
      const found = await pool
        .query<Row>(`SELECT id, vantage, load FROM workers ORDER BY heartbeat_at DESC LIMIT ${MOST}`)
        .catch(() => null)
      if (found === null) return
      for (const { id, vantage, load } of found.rows)
        for (const { key, counter } of counters)
          counter.inc({ vantage }, Math.max(0, countOf(load?.[key]) - countOf(known.get(id)?.[key])))
      known = new Map(found.rows.map(({ id, load }) => [id, load]))
    },
  }
}

/** Workers of an older version do not count everything. */
const countOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0)
