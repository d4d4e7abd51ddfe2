import { transaction } from '@portolan/db/transaction.ts'
import type { z } from 'zod'
import { auditSql } from '../http/audit.ts'
import { readPage } from '../http/cursor.ts'
import { etagOf, requireMatch } from '../http/etag.ts'
import { type Call, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { countFindings, type Decision, decide, findFinding, listFindings, timelineOf } from './queries.ts'
import {
  Acknowledge,
  Assign,
  Comment,
  type Finding,
  FindingPage,
  FindingPath,
  Finding as FindingSchema,
  FindingTimeline,
  ListFindings,
  Resolve,
  Snooze,
  TimelineQuery,
} from './schema.ts'

const TAG = 'Findings'

const list = operation({
  id: 'listFindings',
  method: 'get',
  path: '/v1/findings',
  tag: TAG,
  access: 'read',
  summary: 'List findings',
  description:
    'What leaves the policies, newest first: one finding per rule and endpoint. It resolves by itself when a scan finds it right, and reopens when it is back.',
  query: ListFindings,
  answers: { 200: { description: 'A page of findings.', schema: FindingPage } },
  async handle({ query, caller, parts }) {
    const { limit, cursor, facets, ...filter } = query
    const paging = { purpose: `findings ${caller.projectId}`, limit, cursor }
    const { pool } = parts.db
    const page = await readPage(parts.cursors, paging, (before, limit) =>
      listFindings(pool, caller.projectId, { filter, before, limit }),
    )
    return ok({ ...page, facets: facets ? await countFindings(pool, caller.projectId, filter) : null })
  },
})

const get = operation({
  id: 'getFinding',
  method: 'get',
  path: '/v1/findings/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read a finding',
  description: 'What it means, and how to close the port.',
  params: FindingPath,
  answers: { 200: { description: 'The finding.', schema: FindingSchema } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireFinding(call, call.parts.db.pool))
  },
})

async function requireFinding(
  { caller, params }: Call<{ id: string }, unknown, unknown>,
  db: Parameters<typeof findFinding>[0],
): Promise<Finding> {
  const finding = await findFinding(db, caller.projectId, params.id)
  if (finding === null) throw new Problem('not-found', `there is no finding ${params.id}`)
  return finding
}

const timeline = operation({
  id: 'findingTimeline',
  method: 'get',
  path: '/v1/findings/{id}/timeline',
  tag: TAG,
  access: 'read',
  summary: 'Read a finding’s timeline',
  description: 'What happened to it and who did what, oldest first.',
  params: FindingPath,
  query: TimelineQuery,
  answers: { 200: { description: 'A page of events.', schema: FindingTimeline } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, params, query } = call
    await requireFinding(call, parts.db.pool)
    const paging = { purpose: `timeline ${params.id}`, ...query }
    const page = await readPage(parts.cursors, paging, (after, limit) =>
      timelineOf(parts.db.pool, params.id, after, limit),
    )
    return ok(page)
  },
})

interface Act<B> {
  readonly verb: 'acknowledge' | 'snooze' | 'resolve' | 'assign' | 'comment'
  readonly summary: string
  readonly description: string
  readonly body: z.ZodType<B>
  readonly bodyExample: B
  /** Throws when this cannot be done to the finding as it is. */
  decide(body: B, finding: Finding, now: Date): Decision
}

/** Everything a person does to a finding: it changes, and its timeline says who did it. */
function act<B>({ verb, summary, description, body, bodyExample, decide: decision }: Act<B>): Operation {
  return operation({
    id: `${verb}Finding`,
    method: 'post',
    path: `/v1/findings/{id}/${verb}`,
    tag: TAG,
    access: 'manage',
    summary,
    description,
    params: FindingPath,
    body,
    bodyExample,
    conditional: true,
    answers: { 200: { description: 'The finding as it is now.', schema: FindingSchema } },
    problems: ['not-found', 'conflict', 'precondition-failed'],
    async handle(call) {
      const { parts, caller, params } = call
      const finding = await transaction(parts.db.pool, async (client) => {
        await client.query('SELECT FROM findings WHERE id = $1 FOR UPDATE', [params.id])
        const before = await requireFinding(call, client)
        requireMatch(call.request, before)
        await decide(client, params.id, decision(call.body, before, parts.now()), caller.keyName)
        const after = await requireFinding(call, client)
        const target = { targetType: 'finding', targetId: params.id }
        await auditSql(client, call, { action: `finding.${verb}`, ...target, before, after })
        return after
      })
      return ok(finding, { ETag: etagOf(finding) })
    },
  })
}

function refuseResolved({ status }: Finding): void {
  if (status === 'resolved') throw new Problem('conflict', 'the finding is resolved: there is nothing left to decide')
}

const acknowledge = act({
  verb: 'acknowledge',
  summary: 'Acknowledge a finding',
  description: 'Somebody knows and has a reason: it stays quiet until it is resolved.',
  body: Acknowledge,
  bodyExample: { reason: 'migration until March, ticket NET-402' },
  decide({ reason }, finding) {
    refuseResolved(finding)
    return { kind: 'acknowledged', status: 'acknowledged', reason, body: { reason } }
  },
})

const snooze = act({
  verb: 'snooze',
  summary: 'Snooze a finding',
  description: 'It stays quiet until then, and reopens when a later scan still finds it.',
  body: Snooze,
  bodyExample: { reason: 'maintenance', until: '2027-01-01T00:00:00Z' },
  decide({ reason, until }, finding, now) {
    refuseResolved(finding)
    if (Date.parse(until) <= now.getTime()) {
      const detail = 'must be in the future'
      throw new Problem('validation', `until: ${detail}`, { errors: [{ in: 'body', pointer: '#/until', detail }] })
    }
    return { kind: 'snoozed', status: 'snoozed', reason, snoozedUntil: until, body: { reason, until } }
  },
})

const resolve = act({
  verb: 'resolve',
  summary: 'Resolve a finding',
  description: 'For what no scan will look at again, or not soon. A later scan that still finds it reopens it.',
  body: Resolve,
  bodyExample: { reason: 'the machine was taken down, ticket NET-417' },
  decide({ reason }, finding) {
    refuseResolved(finding)
    return { kind: 'resolved', status: 'resolved', reason, body: { reason } }
  },
})

const assign = act({
  verb: 'assign',
  summary: 'Assign a finding',
  description: 'To somebody, or with null to nobody.',
  body: Assign,
  bodyExample: { assignee: 'web team' },
  decide: ({ assignee }) => ({ kind: 'assigned', assignee, body: { assignee } }),
})

const comment = act({
  verb: 'comment',
  summary: 'Comment on a finding',
  description: 'Kept in its timeline.',
  body: Comment,
  bodyExample: { text: 'asked the vendor' },
  decide: ({ text }) => ({ kind: 'commented', body: { text } }),
})

export const findingOperations: readonly Operation[] = [
  list,
  get,
  timeline,
  acknowledge,
  snooze,
  resolve,
  assign,
  comment,
]
