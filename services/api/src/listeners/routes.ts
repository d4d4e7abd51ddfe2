import { transaction } from '@portolan/db/transaction.ts'
import type { Pool, PoolClient } from 'pg'
import { HostPath } from '../hosts/schema.ts'
import { auditSql } from '../http/audit.ts'
import { readPage } from '../http/cursor.ts'
import { requireMatch } from '../http/etag.ts'
import { type Call, noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { exposureOf } from './exposure.ts'
import { findReport, listReports, reportOf, storeReport } from './queries.ts'
import {
  canonicalAddress,
  HostExposure,
  ListenerReport,
  ListenerReportPage,
  ListenerReportPath,
  ListListenerReports,
  type ListenerReport as Report,
  ReportListeners,
} from './schema.ts'

const TAG = 'Listeners'

const report = operation({
  id: 'reportListeners',
  method: 'post',
  path: '/v1/listeners',
  tag: TAG,
  access: 'scan',
  summary: 'Say what a host listens on',
  description: 'What `portolan listeners --report` sends. Replaces the report before of a host of this name.',
  body: ReportListeners,
  bodyExample: {
    host: 'web-1',
    addresses: ['127.0.0.1', '198.51.100.7'],
    listeners: [{ transport: 'tcp', address: '0.0.0.0', port: 443, process: 'nginx', pid: 812, user: 'root' }],
  },
  answers: { 200: { description: 'The report as stored.', schema: ListenerReport } },
  async handle(call) {
    const { parts, caller, body } = call
    const stored = await transaction(parts.db.pool, async (client) => {
      const before = await reportOf(client, caller.projectId, body.host)
      const id = await storeReport(client, caller.projectId, body)
      const after = await findReport(client, caller.projectId, id)
      const images = { ...(before && { before }), ...(after && { after }) }
      await auditSql(client, call, {
        action: 'listeners.report',
        targetType: 'listener-report',
        targetId: id,
        ...images,
      })
      return after
    })
    return ok(stored)
  },
})

const list = operation({
  id: 'listListenerReports',
  method: 'get',
  path: '/v1/listeners',
  tag: TAG,
  access: 'read',
  summary: 'List the hosts that report',
  description: 'Oldest first.',
  query: ListListenerReports,
  answers: { 200: { description: 'A page of reports.', schema: ListenerReportPage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `listeners ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (after, limit) =>
      listReports(parts.db.pool, caller.projectId, after, limit),
    )
    return ok(page)
  },
})

const get = operation({
  id: 'getListenerReport',
  method: 'get',
  path: '/v1/listeners/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read a host’s report',
  description: 'Who reported when; what it listens on is in the exposure of its addresses.',
  params: ListenerReportPath,
  answers: { 200: { description: 'The report.', schema: ListenerReport } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireReport(call, call.parts.db.pool))
  },
})

async function requireReport(
  { caller, params }: Call<{ id: string }, unknown, unknown>,
  db: Pool | PoolClient,
): Promise<Report> {
  const found = await findReport(db, caller.projectId, params.id)
  if (found === null) throw new Problem('not-found', `there is no report ${params.id}`)
  return found
}

const remove = operation({
  id: 'deleteListenerReport',
  method: 'delete',
  path: '/v1/listeners/{id}',
  tag: TAG,
  access: 'manage',
  summary: 'Forget a host’s report',
  description: 'For a host that is gone.',
  params: ListenerReportPath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { parts, params } = call
    await transaction(parts.db.pool, async (client) => {
      await client.query('SELECT 1 FROM listener_reports WHERE id = $1 FOR UPDATE', [params.id])
      const before = await requireReport(call, client)
      requireMatch(call.request, before)
      await client.query('DELETE FROM listener_reports WHERE id = $1', [params.id])
      const entry = { action: 'listeners.delete', targetType: 'listener-report', targetId: params.id }
      await auditSql(client, call, { ...entry, before })
    })
    return noContent
  },
})

const exposure = operation({
  id: 'readHostExposure',
  method: 'get',
  path: '/v1/hosts/{ip}/exposure',
  tag: TAG,
  access: 'read',
  summary: 'Hold the inside against the outside',
  description:
    'Each port of an address that listens or can be reached: which process it is, which vantage reaches it, and what the policies have against it.',
  params: HostPath,
  answers: { 200: { description: 'The address, inside and outside.', schema: HostExposure } },
  async handle({ parts, caller, params }) {
    return ok(await exposureOf(parts.db.pool, caller.projectId, canonicalAddress(params.ip)))
  },
})

export const listenerOperations: readonly Operation[] = [report, list, get, remove, exposure]
