/** What a scan that finishes in this transaction has to tell: its changes, then what became of findings, then itself. */
import type { News, NewsType } from '@portolan/core/exposure/news.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import type pg from 'pg'
import { newsOfFindings, whereIs } from './news-of-findings.ts'

type Side = { readonly state: string; readonly service?: string; readonly product?: string; readonly version?: string }

type ChangeRow = EndpointKey & {
  readonly id: string
  readonly kind: string
  readonly verdict: string
  readonly at: Date
  readonly scheduleId: string | null
  readonly endpointId: string
  readonly before: Side | null
  readonly after: Side | null
}

/** Unconfirmed changes are kept and not told; an endpoint that flaps is told once, until it has been calm for a day. */
const CHANGES = `
  SELECT c.id, c.kind, c.verdict, c.at, s.schedule_id AS "scheduleId", c.endpoint_id AS "endpointId", e.vantage,
    host(e.ip) AS ip, e.transport, e.port, c.before, c.after
  FROM changes c JOIN endpoints e ON e.id = c.endpoint_id JOIN scans s ON s.id = c.scan_id
  WHERE c.scan_id = $1 AND (c.verdict = 'confirmed' OR c.verdict = 'flapping' AND NOT EXISTS (
    SELECT FROM changes p WHERE p.endpoint_id = c.endpoint_id AND p.verdict = 'flapping' AND p.id < c.id
      AND p.at > c.at - interval '1 day'))
  ORDER BY c.id`

type ScanRow = {
  readonly project_id: string
  readonly status: string
  readonly status_reason: string | null
  readonly label: string | null
  readonly schedule_id: string | null
  /** Null of one that could not be planned. */
  readonly summary: { readonly open: number; readonly probed: number } | null
}

export async function newsOfScan(client: pg.ClientBase, scanId: string): Promise<readonly News[]> {
  const changes = await client.query<ChangeRow>(CHANGES, [scanId])
  const scans = await client.query<ScanRow>(
    'SELECT project_id, status, status_reason, label, schedule_id, summary FROM scans WHERE id = $1',
    [scanId],
  )
  const [scan] = scans.rows
  if (scan === undefined) return []
  const findings = await newsOfFindings(client, { projectId: scan.project_id, scanId, scheduleId: scan.schedule_id })
  return [...changes.rows.map((row) => newsOfChange(row, scanId)), ...findings, newsOfEnd(scan, scanId)]
}

function serviceIn(side: Side | null): string {
  const product = [side?.product ?? side?.service, side?.version].filter((part) => part !== undefined).join(' ')
  return product === '' ? 'unknown' : product
}

function newsOfChange(row: ChangeRow, scanId: string): News {
  const { id, kind, verdict, scheduleId, endpointId, before, after, vantage, ip, transport, port } = row
  const place = { vantage, ip, transport, port }
  const at = row.at.toISOString()
  const type = verdict === 'flapping' ? 'change.flapping' : `change.${kind}`
  const texts: Readonly<Record<string, string>> = {
    'change.opened': `opened: ${serviceIn(after)}`,
    'change.closed': `closed: ${serviceIn(before)} was there`,
    'change.service-changed': `is now ${serviceIn(after)}, was ${serviceIn(before)}`,
    'change.version-changed': `is now ${serviceIn(after)}, was ${serviceIn(before)}`,
    'change.certificate-changed': 'shows another certificate',
    'change.flapping': 'comes and goes; it is told again when it has been calm for a day',
  }
  return {
    // because the table's own check knows these kinds only
    type: type as NewsType,
    key: `change ${id}`,
    at,
    text: `${whereIs(place)} ${texts[type] ?? kind}`,
    severity: null,
    place,
    scheduleId,
    data: { id, kind, verdict, at, scanId, scheduleId, endpointId, endpoint: place, before, after },
  }
}

function newsOfEnd(
  { status, status_reason: reason, label, schedule_id: scheduleId, summary }: ScanRow,
  id: string,
): News {
  const at = new Date().toISOString()
  return {
    // because a scan that has been finished has one of four states, each a type
    type: `scan.${status}` as NewsType,
    key: `scan ${id}`,
    at,
    text: `scan ${label ?? id} ${status}${reason === null ? '' : `: ${reason}`}; ${summary?.open ?? 0} open`,
    severity: null,
    place: null,
    scheduleId,
    data: { id, status, statusReason: reason, label, scheduleId, summary },
  }
}
