import { audit } from '../http/audit.ts'
import { changeOne } from '../http/change-one.ts'
import { readPage } from '../http/cursor.ts'
import { etagOf } from '../http/etag.ts'
import { endOf } from '../http/expiry.ts'
import { canonicalCidr } from '../http/network.ts'
import { type Call, created, noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { namesSpecial } from './names-special.ts'
import { findScope, listScopes, viewOf } from './queries.ts'
import {
  CreateScope,
  ListScopes,
  type Scope,
  ScopePage,
  ScopePath,
  Scope as ScopeSchema,
  UpdateScope,
} from './schema.ts'

/** What is changed and deleted here. */
const SCOPE = { table: 'scopes', read: requireScope }
const TAG = 'Scopes'

const create = operation({
  id: 'createScope',
  method: 'post',
  path: '/v1/scopes',
  tag: TAG,
  access: 'admin',
  summary: 'Authorise targets',
  description:
    'From now on these addresses may be scanned. A special-purpose range (private, link-local, metadata, ...) is opened only by an entry that lies inside it.',
  body: CreateScope,
  bodyExample: { cidr: '10.20.0.0/16', owner: 'network team', reason: 'weekly inventory, ticket NET-311' },
  idempotent: true,
  answers: { 201: { description: 'The entry.', schema: ScopeSchema, headers: { Location: 'The entry.' } } },
  problems: ['conflict'],
  async handle(call) {
    const { parts, caller, body } = call
    const cidr = canonicalCidr(body.cidr)
    const end = endOf(body.expiresAt, parts.now())
    const answer = await parts.db.prisma.$transaction(async (tx) => {
      const before = await tx.scope.findFirst({ where: { projectId: caller.projectId, cidr } })
      if (before) throw new Problem('conflict', `${cidr} is authorised already, by the scope ${before.id}`)
      const row = await tx.scope.create({
        data: {
          projectId: caller.projectId,
          cidr,
          namesSpecial: namesSpecial(cidr),
          owner: body.owner,
          reason: body.reason,
          expiresAt: end,
          createdBy: caller.keyName,
        },
      })
      const view = viewOf(row)
      await audit(tx, call, { action: 'scope.create', targetType: 'scope', targetId: row.id, after: view })
      return call.parts.idempotency.complete(tx, call.claim, created(`/v1/scopes/${row.id}`, view))
    })
    parts.scopes.forget()
    return answer
  },
})

const list = operation({
  id: 'listScopes',
  method: 'get',
  path: '/v1/scopes',
  tag: TAG,
  access: 'read',
  summary: 'List authorised targets',
  description: 'Oldest first, expired ones included.',
  query: ListScopes,
  answers: { 200: { description: 'A page of entries.', schema: ScopePage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `scopes ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (after, limit) =>
      listScopes(parts.db.prisma, caller.projectId, { after, limit }),
    )
    return ok(page)
  },
})

const get = operation({
  id: 'getScope',
  method: 'get',
  path: '/v1/scopes/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read an authorised target',
  description: 'One entry of the scope.',
  params: ScopePath,
  answers: { 200: { description: 'The entry.', schema: ScopeSchema } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireScope(call, call.parts.db.prisma))
  },
})

async function requireScope(
  { caller, params }: Call<{ id: string }, unknown, unknown>,
  db: Parameters<typeof findScope>[0],
): Promise<Scope> {
  const scope = await findScope(db, caller.projectId, params.id)
  if (scope === null) throw new Problem('not-found', `there is no scope ${params.id}`)
  return scope
}

const update = operation({
  id: 'updateScope',
  method: 'patch',
  path: '/v1/scopes/{id}',
  tag: TAG,
  access: 'admin',
  summary: 'Change owner, reason or expiry',
  description: 'Fields left out stay as they are. The block itself cannot change: make another entry.',
  params: ScopePath,
  body: UpdateScope,
  bodyExample: { expiresAt: '2027-01-01T00:00:00Z' },
  conditional: true,
  answers: { 200: { description: 'The entry as it is now.', schema: ScopeSchema } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { parts, params, body } = call
    const { owner, reason, expiresAt } = body
    const scope = await changeOne(call, SCOPE, async (tx, before) => {
      const row = await tx.scope.update({
        where: { id: params.id },
        data: {
          ...(owner !== undefined && { owner }),
          ...(reason !== undefined && { reason }),
          ...(expiresAt !== undefined && { expiresAt: expiresAt === null ? null : new Date(expiresAt) }),
        },
      })
      const after = viewOf(row)
      await audit(tx, call, { action: 'scope.update', targetType: 'scope', targetId: row.id, before, after })
      return after
    })
    parts.scopes.forget()
    return ok(scope, { ETag: etagOf(scope) })
  },
})

const remove = operation({
  id: 'deleteScope',
  method: 'delete',
  path: '/v1/scopes/{id}',
  tag: TAG,
  access: 'admin',
  summary: 'Withdraw an authorisation',
  description: 'No scan of these addresses starts any more; shards that begin later are refused by the workers.',
  params: ScopePath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { parts, params } = call
    await changeOne(call, SCOPE, async (tx, before) => {
      await tx.scope.delete({ where: { id: params.id } })
      await audit(tx, call, { action: 'scope.delete', targetType: 'scope', targetId: params.id, before })
    })
    parts.scopes.forget()
    return noContent
  },
})

export const scopeOperations: readonly Operation[] = [create, list, get, update, remove]
