/** Writes a prepared scan in one statement, and tells the queue. */
import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { PLAN_QUEUE, planJob } from '@portolan/core/jobs.ts'
import { transaction } from '@portolan/db/transaction.ts'
import { originOf } from '../http/audit.ts'
import type { Answer, Call } from '../http/operation.ts'
import { multirange } from './multirange.ts'
import { pinnedRanges } from './pinned-ranges.ts'
import { type PreparedScan, prepareScan } from './prepare-scan.ts'
import { viewOf } from './queries.ts'
import { checkQuota, hasQuota } from './quota.ts'
import type { ScanRequest } from './schema.ts'

type AnyCall = Call<unknown, unknown, unknown>

/** Everything that is checked before a scan may be written; the dry run ends here. */
export async function prepare({ parts, caller }: AnyCall, request: ScanRequest): Promise<PreparedScan> {
  const scope = await parts.scopes.of(caller.projectId)
  const bounds = { scope, keyLimits: caller.targetLimits, now: parts.now().getTime() }
  return prepareScan(request, { bounds, book: parts.book, resolve: parts.resolve })
}

/**
 * One statement, so one round trip and one commit: the scan, its pinned targets, the audit entry, and the answer kept
 * for a repetition of the request.
 */
const INSERT = {
  name: 'scan-insert',
  text: `WITH scan AS (
      INSERT INTO scans (id, project_id, key_id, request, label, priority, engine, services, record, seed, rate,
        per_host_rate, discovery, vantages, tcp_ports, udp_ports, hosts_total, probes_total, refused, rerun_of,
        created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::int4multirange, $16::int4multirange,
        $17, $18, $19, $20, $21)
    ), pinned AS (
      INSERT INTO scan_targets (scan_id, ordinal, spec, name, range_start, range_end)
      SELECT $1, t.ordinal - 1, t.spec, t.name, t.first, t.last
      FROM unnest($22::text[], $23::text[], $24::inet[], $25::inet[])
        WITH ORDINALITY AS t (spec, name, first, last, ordinal)
    ), audited AS (
      INSERT INTO audit_entries (project_id, key_id, actor, action, target_type, target_id, address, request_id, after)
      VALUES ($2, $3, $26, 'scan.start', 'scan', $1::text, $27, $28, $4)
    )
    UPDATE idempotency_keys SET status = 202, headers = $29, response = $30 WHERE project_id = $2 AND key = $31`,
}

/** Throws the Problem the preparation found; nothing is written then. */
export async function startScan(call: AnyCall, request: ScanRequest, rerunOf: string | null = null): Promise<Answer> {
  const { parts, caller, claim } = call
  const prepared = await prepare(call, request)
  if (prepared.fatal) throw prepared.fatal
  const scan: NewScan = { id: randomUUIDv7(), now: parts.now(), request, prepared, rerunOf }
  const answer = answerOf(scan)
  const values = [
    ...scanValues(call, scan),
    ...targetValues(prepared),
    ...originOf(call),
    ...(claim ? [JSON.stringify(answer.headers), JSON.stringify(answer.body), claim.key] : [null, null, null]),
  ]
  if (hasQuota(caller))
    await transaction(parts.db.pool, async (client) => {
      await checkQuota(client, caller, Number(prepared.probes))
      await client.query({ ...INSERT, values })
    })
  else await parts.db.pool.query({ ...INSERT, values })
  if (claim) claim.completed = true
  // 1 goes first in the queue, 9 goes first here.
  parts.jobs.add(PLAN_QUEUE, { ...planJob(scan.id), priority: 10 - request.priority })
  parts.log.info({ scanId: scan.id, keyId: caller.keyId, probes: Number(prepared.probes) }, 'scan queued')
  return answer
}

interface NewScan {
  readonly id: string
  readonly now: Date
  readonly request: ScanRequest
  readonly prepared: PreparedScan
  readonly rerunOf: string | null
}

function answerOf({ id, now, request, prepared, rerunOf }: NewScan): Answer {
  const body = viewOf(
    {
      id,
      status: 'queued',
      status_reason: null,
      request,
      rate: request.rate ?? null,
      per_host_rate: request.perHostRate ?? null,
      hosts_total: Number(prepared.hosts),
      probes_total: Number(prepared.probes),
      refused: [...prepared.refused],
      summary: null,
      results: 'whole',
      rerun_of: rerunOf,
      schedule_id: null,
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

function scanValues({ caller }: AnyCall, { id, now, request, prepared, rerunOf }: NewScan): unknown[] {
  const { services, label, rate, perHostRate } = request
  return [
    id,
    caller.projectId,
    caller.keyId,
    JSON.stringify(request),
    label ?? null,
    request.priority,
    request.engine,
    services === true ? 'default' : services === false ? 'none' : services,
    request.record,
    randomBytes(16),
    rate ?? null,
    perHostRate ?? null,
    request.discovery,
    request.vantages,
    multirange(prepared.ports.tcp),
    multirange(prepared.ports.udp),
    Number(prepared.hosts),
    Number(prepared.probes),
    JSON.stringify(prepared.refused),
    rerunOf,
    now,
  ]
}

function targetValues({ addresses, answers }: PreparedScan): unknown[] {
  const rows = pinnedRanges(addresses, answers)
  return [
    rows.map(({ spec }) => spec),
    rows.map(({ name }) => name),
    rows.map(({ first }) => first),
    rows.map(({ last }) => last),
  ]
}
