/** Writes a prepared scan, and tells the queue. */
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { describeWait, isOpen } from '@portolan/core/exposure/scan-window.ts'
import { PLAN_QUEUE, planJob } from '@portolan/core/jobs.ts'
import { multirange } from '@portolan/db/multirange.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import type { Answer } from '../http/operation.ts'
import { pinnedRanges } from './pinned-ranges.ts'
import { describeAnswers, type PreparedScan, prepareScan } from './prepare-scan.ts'
import { viewOf } from './queries.ts'
import { checkQuota, hasQuota } from './quota.ts'
import type { ScanRequest } from './schema.ts'
import type { Starter } from './starter.ts'
import { type NewScanRow, writeScan } from './write-scans.ts'

/** What keeps a scan from being started. */
export const START_PROBLEMS = [
  'out-of-scope',
  'unresolvable-name',
  'nothing-to-scan',
  'discovery-required',
  'too-large',
  'quota-exceeded',
] as const

/** What else is known of a scan, and what is to be written together with it. */
export interface Circumstances {
  readonly rerunOf?: string
  readonly scheduleId?: string
  /** In the same transaction, before the scan; throw to have neither. */
  readonly together?: (client: pg.PoolClient, scanId: string) => Promise<void>
}

/** Everything that is checked before a scan may be written; the dry run ends here. */
export async function prepare(
  { parts, caller }: Pick<Starter, 'parts' | 'caller'>,
  request: ScanRequest,
): Promise<PreparedScan> {
  const scope = await parts.scopes.of(caller.projectId)
  const bounds = { scope, keyLimits: caller.targetLimits, now: parts.now().getTime() }
  return prepareScan(request, { bounds, ...parts, maxProbes: parts.limits.maxProbes })
}

/** Throws the Problem the preparation found; nothing is written then. */
export async function startScan(starter: Starter, request: ScanRequest, known: Circumstances = {}): Promise<Answer> {
  const { parts, caller, claim } = starter
  const prepared = await prepare(starter, request)
  if (prepared.fatal) throw prepared.fatal
  const statusReason = await reasonToWait(parts, request)
  const scan: NewScan = { id: randomUUIDv7(), now: parts.now(), request, prepared, known, statusReason }
  const answer = answerOf(scan)
  const row = rowOf(starter, scan, answer)
  if (hasQuota(caller) || known.together)
    await transaction(parts.db.pool, async (client) => {
      await known.together?.(client, scan.id)
      if (hasQuota(caller)) await checkQuota(client, caller, row.probes_total)
      await writeScan(client, row)
    })
  else await parts.scans.write(row)
  if (claim) claim.completed = true
  parts.jobs.add(PLAN_QUEUE, planJob(scan.id))
  const requestId = starter.origin[2]
  parts.log.info({ requestId, scanId: scan.id, keyId: caller.keyId, probes: Number(prepared.probes) }, 'scan queued')
  return answer
}

interface NewScan {
  readonly id: string
  readonly now: Date
  readonly request: ScanRequest
  readonly prepared: PreparedScan
  readonly known: Circumstances
  readonly statusReason: string | null
}

/** Why it will not begin now, as the workers say it, too. */
async function reasonToWait({ vantages, now }: Starter['parts'], request: ScanRequest): Promise<string | null> {
  if (!mayRunNow(request, now())) return describeWait(request.windows, now())
  const manned = await vantages.manned()
  const unmanned = request.vantages.filter((vantage) => !manned.has(vantage))
  return unmanned.length > 0 ? `waiting for a worker at ${unmanned.sort().join(', ')}` : null
}

const mayRunNow = ({ windows }: ScanRequest, now: Date) => windows === undefined || isOpen(windows, now)

function answerOf({ id, now, request, prepared, known, statusReason }: NewScan): Answer {
  const body = viewOf(
    {
      id,
      status: 'queued',
      status_reason: statusReason,
      request,
      rate: request.rate ?? null,
      per_host_rate: request.perHostRate ?? null,
      hosts_total: Number(prepared.hosts),
      probes_total: Number(prepared.probes),
      refused: [...prepared.refused],
      summary: null,
      results: 'whole',
      rerun_of: known.rerunOf ?? null,
      schedule_id: known.scheduleId ?? null,
      created_at: now,
      started_at: null,
      finished_at: null,
      probes_done: 0,
      open: 0,
    },
    now,
  )
  return { status: 202, body, headers: { Location: `/v1/scans/${id}` } }
}

function rowOf(
  starter: Starter,
  { id, now, request, prepared, known, statusReason }: NewScan,
  answer: Answer,
): NewScanRow {
  const { caller, claim, origin } = starter
  const { services, label = null, rate = null, perHostRate = null, timeoutSeconds = null, windows = null } = request
  const { priority, engine, record, discovery, vantages } = request
  const [actor, address, requestId] = origin
  return {
    id,
    project_id: caller.projectId,
    key_id: caller.keyId,
    request,
    label,
    priority,
    engine,
    services: services === true ? 'default' : services === false ? 'none' : services,
    record,
    seed: randomBytes(16).toString('hex'),
    rate,
    per_host_rate: perHostRate,
    discovery,
    vantages,
    tcp_ports: multirange(prepared.ports.tcp),
    udp_ports: multirange(prepared.ports.udp),
    hosts_total: Number(prepared.hosts),
    probes_total: Number(prepared.probes),
    refused: prepared.refused,
    rerun_of: known.rerunOf ?? null,
    schedule_id: known.scheduleId ?? null,
    created_at: now,
    timeout_seconds: timeoutSeconds,
    windows,
    held: !mayRunNow(request, now),
    status_reason: statusReason,
    targets: pinnedRanges(prepared.addresses, prepared.answers),
    names: describeAnswers(prepared.answers),
    actor,
    address,
    request_id: requestId,
    idempotency_key: claim?.key ?? null,
    claimed_at: claim?.since ?? null,
    answer: claim && { headers: answer.headers ?? {}, body: answer.body },
  }
}
