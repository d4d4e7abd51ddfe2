/** The inside and the outside of one address, side by side. */
import { type Exposure, type Look, type Reconciled, reconcile } from '@portolan/core/exposure/reconcile.ts'
import { loadCoverage } from '@portolan/db/coverage.ts'
import type { Pool } from 'pg'
import { reportAbout } from './queries.ts'
import type { ExposureRow, HostExposure, Listener } from './schema.ts'

type Seen = {
  readonly vantage: string
  readonly transport: 'tcp' | 'udp'
  readonly port: number
  readonly service: string | null
}

type FindingRow = ExposureRow['findings'][number] & { readonly transport: string; readonly port: number }
type ScanRow = { readonly id: string; readonly vantages: string[]; readonly finished_at: Date }

/** Scans asked, newest first, whether they looked at a port. */
const MOST_SCANS = 10
const MOST_ROWS = 5_000

const SCANS = `
  SELECT s.id, s.vantages, s.finished_at FROM scans s
  WHERE s.project_id = $1 AND s.status IN ('completed', 'partial') AND EXISTS (
    SELECT FROM scan_targets t WHERE t.scan_id = s.id AND $2::inet BETWEEN t.range_start AND t.range_end)
  ORDER BY s.id DESC LIMIT ${MOST_SCANS}`

const SEEN = `
  SELECT vantage, transport, port, nullif(concat_ws(' ', coalesce(product, service), version), '') AS service FROM endpoints
  WHERE project_id = $1 AND ip = $2 AND state = 'open' ORDER BY transport, port, vantage LIMIT ${MOST_ROWS}`

const FINDINGS = `
  SELECT f.id, f.severity, f.rule_id AS "ruleId", f.detail ->> 'text' AS meaning, f.detail #>> '{endpoint,vantage}' AS vantage,
    f.detail #>> '{endpoint,transport}' AS transport, (f.detail #>> '{endpoint,port}')::int AS port
  FROM findings f WHERE f.project_id = $1 AND f.status <> 'resolved' AND f.detail #>> '{endpoint,ip}' = $2 ORDER BY f.id`

export async function exposureOf(pool: Pool, projectId: string, ip: string): Promise<HostExposure> {
  const place = [projectId, ip]
  const report = await reportAbout(pool, projectId, ip)
  const seen = (await pool.query<Seen>(SEEN, place)).rows
  const scans = (await pool.query<ScanRow>(SCANS, place)).rows
  const findings = (await pool.query<FindingRow>(FINDINGS, place)).rows
  const listeners = report?.sockets ?? []
  const asked = await inVain(pool, ip, { listeners, seen, scans })
  const looks: Look[] = [...seen.map((one) => ({ ...one, open: true })), ...asked]
  const rows = reconcile(ip, listeners, looks).map((row) => viewOf(row, { seen, findings, reported: report !== null }))
  return {
    ip,
    host: report?.host ?? null,
    reportedAt: report?.reportedAt ?? null,
    scannedAt: scans[0]?.finished_at.toISOString() ?? null,
    rows,
  }
}

type Known = {
  readonly listeners: readonly Listener[]
  readonly seen: readonly Seen[]
  readonly scans: readonly ScanRow[]
}

/** Where a vantage has asked for a port of interest and does not see it open. */
async function inVain(pool: Pool, ip: string, { listeners, seen, scans }: Known): Promise<readonly Look[]> {
  const ports = new Map(
    [...listeners, ...seen].map(({ transport, port }) => [`${transport} ${port}`, { transport, port }]),
  )
  const open = new Set(seen.map(({ vantage, transport, port }) => `${vantage} ${transport} ${port}`))
  const found = new Map<string, Look>()
  for (const { id, vantages } of scans) {
    const covers = await loadCoverage(pool, id)
    for (const vantage of vantages)
      for (const place of ports.values()) {
        const key = `${vantage} ${place.transport} ${place.port}`
        if (!open.has(key) && !found.has(key) && covers({ ...place, ip, vantage }))
          found.set(key, { ...place, vantage, open: false })
      }
  }
  return [...found.values()]
}

type Context = {
  readonly seen: readonly Seen[]
  readonly findings: readonly FindingRow[]
  readonly reported: boolean
}

const MEANINGS: Readonly<Record<Exposure, string>> = {
  reachable: 'It listens here and can be reached.',
  filtered: 'It listens here, and a firewall or the network keeps everybody who asked away.',
  local: 'It listens on loopback alone; only this machine reaches it.',
  elsewhere: 'Nothing here listens there, and yet it answers: NAT, a container, or another machine.',
  unasked: 'It listens here, and no scan has asked for it yet.',
}
const UNREPORTED = 'It can be reached; the host has not said what listens there.'

function viewOf(row: Reconciled<Listener>, { seen, findings, reported }: Context): ExposureRow {
  const same = (one: { readonly transport: string; readonly port: number }) =>
    one.transport === row.transport && one.port === row.port
  return {
    ...row,
    exposure: reported ? row.exposure : 'reachable',
    meaning: reported ? MEANINGS[row.exposure] : UNREPORTED,
    listeners: [...row.listeners],
    reachableFrom: [...row.reachableFrom],
    filteredFrom: [...row.filteredFrom],
    service: seen.find((one) => same(one) && one.service !== null)?.service ?? null,
    findings: findings
      .filter(same)
      .map(({ id, severity, ruleId, meaning, vantage }) => ({ id, severity, ruleId, meaning, vantage })),
  }
}
