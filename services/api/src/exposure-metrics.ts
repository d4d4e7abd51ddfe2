/**
 * What is exposed, for Prometheus. Few series whatever is scanned: nothing is labelled with an address, so that /metrics,
 * which needs no key, tells no secret and never grows.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { Gauge, type Registry } from 'prom-client'

export interface ExposureMetrics {
  /**
   * Looks at the tables, if the last look was a while ago. Keeps what it has when they cannot be reached, and until a look
   * that takes long is done.
   */
  refresh(pool: Pool): Promise<void>
}

/** Milliseconds between two looks. */
const FRESH = 30_000
/** A look that took long rests so many times as long: counting millions of endpoints is not free. */
const REST = 20
/** Milliseconds: whoever asks for metrics gives up after ten seconds. */
const PATIENCE = 5_000
/** Schedules and policies told apart, the oldest first, and vantages, the busiest first; whoever has more asks the API. */
const MOST = 200

type Row = {
  readonly metric: keyof typeof GAUGES
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const GAUGES = {
  portolan_unexpected_open: ['Open ports that no policy allows, by findings not resolved', 'policy', 'severity'],
  portolan_unexpected_closed: ['Ports that a policy requires and that are not open', 'policy', 'severity'],
  portolan_open_ports: ['Endpoints remembered as open', 'vantage', 'transport'],
  portolan_certificates_expiring: [
    'Open endpoints whose certificate expires within so many days; 0: has expired',
    'within',
  ],
  portolan_certificate_next_expiry_timestamp_seconds: ['When the next certificate of an open endpoint expires'],
  portolan_schedule_last_success_timestamp_seconds: ['When the last completed scan of a schedule ended', 'schedule'],
} as const

/** Policies of several projects may have one name: what they find is counted together. */
const FINDINGS = (metric: string, kind: string) => `
  SELECT '${metric}' AS metric, jsonb_build_object('policy', p.name, 'severity', v.severity) AS labels,
    sum((SELECT count(*) FROM findings f WHERE f.policy_id = p.id AND f.severity = v.severity AND f.status <> 'resolved'
      AND f.detail -> 'kinds' ? '${kind}'))::float8 AS value
  FROM (SELECT id, name FROM policies WHERE enabled ORDER BY id LIMIT ${MOST}) p
    CROSS JOIN (VALUES ('info'), ('low'), ('medium'), ('high'), ('critical')) AS v (severity)
  GROUP BY p.name, v.severity`

const OPEN_ENDPOINTS = `FROM endpoints WHERE state = 'open'`

const LOOK = `
  ${FINDINGS('portolan_unexpected_open', 'unexpected-open')}
  UNION ALL ${FINDINGS('portolan_unexpected_closed', 'unexpected-closed')}
  UNION ALL SELECT * FROM (
    SELECT 'portolan_open_ports', jsonb_build_object('vantage', vantage, 'transport', transport), count(*)
    ${OPEN_ENDPOINTS} GROUP BY vantage, transport ORDER BY count(*) DESC, vantage LIMIT ${MOST}) AS places
  UNION ALL SELECT 'portolan_certificates_expiring', jsonb_build_object('within', w.days::text),
    (SELECT count(*) ${OPEN_ENDPOINTS} AND tls_not_after <= now() + w.days * interval '1 day')
    FROM (VALUES (0), (7), (30), (90)) AS w (days)
  UNION ALL SELECT 'portolan_certificate_next_expiry_timestamp_seconds', '{}',
    extract(epoch FROM min(tls_not_after))::float8 ${OPEN_ENDPOINTS} AND tls_not_after > now()
    HAVING count(*) > 0
  UNION ALL SELECT 'portolan_schedule_last_success_timestamp_seconds', jsonb_build_object('schedule', c.name),
    min((SELECT extract(epoch FROM max(s.finished_at))::float8 FROM scans s
      WHERE s.schedule_id = c.id AND s.status = 'completed'))
    FROM (SELECT id, name FROM schedules ORDER BY id LIMIT ${MOST}) c GROUP BY c.name`

export function createExposureMetrics(registry: Registry): ExposureMetrics {
  const gauges = new Map(
    Object.entries(GAUGES).map(([name, [help, ...labelNames]]) => [
      name,
      new Gauge({ name, help, labelNames, registers: [registry] }),
    ]),
  )
  const look = async (pool: Pool) => {
    const begun = performance.now()
    const rows = await pool.query<Row>(LOOK).then(
      (result) => result.rows,
      () => null,
    )
    next = begun + Math.max(FRESH, (performance.now() - begun) * REST)
    looking = null
    if (rows === null) return
    for (const gauge of gauges.values()) gauge.reset()
    // A schedule that never succeeded has no time to tell.
    for (const { metric, labels, value } of rows) if (value !== null) gauges.get(metric)?.set(labels, value)
  }
  let next = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | null = null
  return {
    async refresh(pool) {
      if (performance.now() >= next) looking ??= look(pool)
      if (looking !== null) await Promise.race([looking, sleep(PATIENCE, undefined, { ref: false })])
    },
  }
}
