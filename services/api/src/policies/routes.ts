import { evaluatePolicy } from '@portolan/core/exposure/evaluate-policy.ts'
import { stringify } from 'yaml'
import { audit } from '../http/audit.ts'
import { changeOne } from '../http/change-one.ts'
import { readPage } from '../http/cursor.ts'
import { etagOf } from '../http/etag.ts'
import { created, noContent, type Operation, ok, operation, STREAMED } from '../http/operation.ts'
import { draft } from './draft.ts'
import { remembered } from './open-endpoints.ts'
import { compiled, refuseTaken, requirePolicy, requireTags, viewOf } from './queries.ts'
import {
  CreatePolicy,
  Draft,
  DraftPolicy,
  EvaluatePolicy,
  Evaluation,
  ListPolicies,
  PolicyPage,
  PolicyPath,
  Policy as PolicySchema,
  ReadPolicy,
  UpdatePolicy,
} from './schema.ts'

/** What is changed and deleted here. */
const POLICY = { table: 'policies', read: requirePolicy }
const TAG = 'Policies'
const EXAMPLE = {
  otherwise: 'forbid',
  rules: [{ id: 'web', effect: 'allow', ports: '443', expect: { certificateDays: 14 }, owner: 'web team' }],
} as const

const create = operation({
  id: 'createPolicy',
  method: 'post',
  path: '/v1/policies',
  tag: TAG,
  access: 'manage',
  summary: 'Say what may be reachable',
  description:
    'For every open port the first rule that matches decides; what no rule speaks of is as `otherwise` says.',
  body: CreatePolicy,
  bodyExample: { name: 'perimeter', document: EXAMPLE },
  idempotent: true,
  answers: { 201: { description: 'The policy.', schema: PolicySchema, headers: { Location: 'The policy.' } } },
  problems: ['conflict'],
  async handle(call) {
    const { parts, caller, body } = call
    compiled(parts, body.name, body.document)
    return parts.db.prisma.$transaction(async (tx) => {
      await refuseTaken(tx, caller.projectId, body.name)
      await requireTags(tx, caller.projectId, body.document)
      const { name, enabled, document } = body
      const row = await tx.policy.create({
        data: {
          projectId: caller.projectId,
          name,
          enabled,
          document,
          revisions: { create: { revision: 1, document, createdBy: caller.keyName } },
        },
      })
      const view = viewOf(row)
      await audit(tx, call, { action: 'policy.create', targetType: 'policy', targetId: row.id, after: view })
      return call.parts.idempotency.complete(tx, call.claim, created(`/v1/policies/${row.id}`, view))
    })
  },
})

const list = operation({
  id: 'listPolicies',
  method: 'get',
  path: '/v1/policies',
  tag: TAG,
  access: 'read',
  summary: 'List policies',
  description: 'Oldest first.',
  query: ListPolicies,
  answers: { 200: { description: 'A page of policies.', schema: PolicyPage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `policies ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, async (after, limit) => {
      const where = { projectId: caller.projectId, ...(after !== null && { id: { gt: after } }) }
      return (await parts.db.prisma.policy.findMany({ where, orderBy: { id: 'asc' }, take: limit })).map(viewOf)
    })
    return ok(page)
  },
})

const get = operation({
  id: 'getPolicy',
  method: 'get',
  path: '/v1/policies/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read a policy',
  description: 'With `format=yaml` its document, to keep beside other code; `POST /v1/policies/draft` reads it back.',
  params: PolicyPath,
  query: ReadPolicy,
  answers: { 200: { description: 'The policy.', schema: PolicySchema, media: ['application/yaml'] } },
  problems: ['not-found'],
  async handle(call) {
    const policy = await requirePolicy(call, call.parts.db.prisma)
    if (call.query.format === 'json') return ok(policy)
    call.response.status(200).type('application/yaml').send(stringify(policy.document))
    return STREAMED
  },
})

const update = operation({
  id: 'updatePolicy',
  method: 'patch',
  path: '/v1/policies/{id}',
  tag: TAG,
  access: 'manage',
  summary: 'Change a policy',
  description: 'Fields left out stay as they are; a document is replaced as a whole, and the one before is kept.',
  params: PolicyPath,
  body: UpdatePolicy,
  bodyExample: { enabled: false },
  conditional: true,
  answers: { 200: { description: 'The policy as it is now.', schema: PolicySchema } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  async handle(call) {
    const { parts, caller, params, body } = call
    const { name, enabled, document } = body
    if (document) compiled(parts, name ?? '', document)
    const policy = await changeOne(call, POLICY, async (tx, before) => {
      if (name !== undefined && name !== before.name) await refuseTaken(tx, caller.projectId, name)
      if (document) await requireTags(tx, caller.projectId, document)
      const revision = before.revision + 1
      const kept = { create: { revision, document: document ?? before.document, createdBy: caller.keyName } }
      const row = await tx.policy.update({
        where: { id: params.id },
        data: {
          ...(name !== undefined && { name }),
          ...(enabled !== undefined && { enabled }),
          ...(document !== undefined && { document }),
          revision,
          revisions: kept,
          updatedAt: parts.now(),
        },
      })
      const after = viewOf(row)
      await audit(tx, call, { action: 'policy.update', targetType: 'policy', targetId: row.id, before, after })
      return after
    })
    return ok(policy, { ETag: etagOf(policy) })
  },
})

const remove = operation({
  id: 'deletePolicy',
  method: 'delete',
  path: '/v1/policies/{id}',
  tag: TAG,
  access: 'manage',
  summary: 'Delete a policy',
  description: 'With its findings.',
  params: PolicyPath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { params } = call
    await changeOne(call, POLICY, async (tx, before) => {
      await tx.policy.delete({ where: { id: params.id } })
      await audit(tx, call, { action: 'policy.delete', targetType: 'policy', targetId: params.id, before })
    })
    return noContent
  },
})

const drafts = operation({
  id: 'draftPolicy',
  method: 'post',
  path: '/v1/policies/draft',
  tag: TAG,
  access: 'read',
  summary: 'Draft a policy',
  description:
    'Makes a document of what we ship, of what is open now, of YAML, or of a firewall’s rules. Stores nothing.',
  body: DraftPolicy,
  bodyExample: { from: 'default' },
  answers: { 200: { description: 'The document.', schema: Draft } },
  async handle(call) {
    return ok(await draft(call))
  },
})

const MOST_VIOLATIONS = 1_000

const evaluate = operation({
  id: 'evaluatePolicy',
  method: 'post',
  path: '/v1/policies/evaluate',
  tag: TAG,
  access: 'read',
  summary: 'Try a policy',
  description: 'What it would find now, or would have found at any past moment. Stores nothing.',
  body: EvaluatePolicy,
  bodyExample: { document: EXAMPLE },
  answers: { 200: { description: 'The violations.', schema: Evaluation } },
  async handle({ parts, caller, body }) {
    const policy = compiled(parts, 'draft', body.document)
    await requireTags(parts.db.prisma, caller.projectId, body.document)
    const evidence = await remembered(parts.db.pool, caller.projectId, body.at ?? null, body.document)
    const now = body.at === undefined ? parts.now().getTime() : Date.parse(body.at)
    const found = evaluatePolicy(policy, evidence, now)
    const severities = { info: 0, low: 0, medium: 0, high: 0, critical: 0 }
    for (const { severity } of found) severities[severity]++
    const { open, complete } = evidence
    const violations = found.slice(0, MOST_VIOLATIONS)
    return ok({ total: found.length, endpoints: open.length, complete, severities, violations })
  },
})

export const policyOperations: readonly Operation[] = [drafts, evaluate, create, list, get, update, remove]
