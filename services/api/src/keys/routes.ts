import { makeApiKey } from '../http/api-key.ts'
import { audit } from '../http/audit.ts'
import { readPage } from '../http/cursor.ts'
import { endOf } from '../http/expiry.ts'
import { canonicalCidr } from '../http/network.ts'
import { type Call, created, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { findKey, listKeys, viewOf } from './queries.ts'
import { CreateKey, type Key, KeyPage, KeyPath, Key as KeySchema, ListKeys, NewKey } from './schema.ts'

const TAG = 'Keys'

const create = operation({
  id: 'createKey',
  method: 'post',
  path: '/v1/keys',
  tag: TAG,
  access: 'admin',
  summary: 'Make an API key',
  description: 'The answer holds the key; only a hash of it is kept.',
  body: CreateKey,
  bodyExample: { name: 'nightly pipeline', scopes: ['scan'], targetLimits: ['10.20.0.0/16'] },
  answers: { 201: { description: 'The key, shown this once.', schema: NewKey, headers: { Location: 'The key.' } } },
  async handle(call) {
    const { parts, caller, body } = call
    const { expiresAt, targetLimits, ...rest } = body
    const end = endOf(expiresAt, parts.now())
    const { token, publicId, secretHash } = makeApiKey()
    const key = await parts.db.prisma.$transaction(async (tx) => {
      const row = await tx.apiKey.create({
        data: {
          ...rest,
          projectId: caller.projectId,
          publicId,
          secretHash,
          scopes: [...new Set(body.scopes)],
          targetLimits: [...new Set(targetLimits.map(canonicalCidr))],
          expiresAt: end,
        },
      })
      const view = viewOf(row)
      await audit(tx, call, { action: 'key.create', targetType: 'key', targetId: row.id, after: view })
      return view
    })
    return created(`/v1/keys/${key.id}`, { ...key, token })
  },
})

const list = operation({
  id: 'listKeys',
  method: 'get',
  path: '/v1/keys',
  tag: TAG,
  access: 'admin',
  summary: 'List API keys',
  description: 'Oldest first, revoked ones included.',
  query: ListKeys,
  answers: { 200: { description: 'A page of keys.', schema: KeyPage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `keys ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (after, limit) =>
      listKeys(parts.db.prisma, caller.projectId, { after, limit }),
    )
    return ok(page)
  },
})

const get = operation({
  id: 'getKey',
  method: 'get',
  path: '/v1/keys/{id}',
  tag: TAG,
  access: 'admin',
  summary: 'Read an API key',
  description: 'Without the secret, which nobody has.',
  params: KeyPath,
  answers: { 200: { description: 'The key.', schema: KeySchema } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireKey(call))
  },
})

async function requireKey({ parts, caller, params }: Call<{ id: string }, unknown, unknown>): Promise<Key> {
  const key = await findKey(parts.db.prisma, caller.projectId, params.id)
  if (key === null) throw new Problem('not-found', `there is no key ${params.id}`)
  return key
}

const revoke = operation({
  id: 'revokeKey',
  method: 'post',
  path: '/v1/keys/{id}/revoke',
  tag: TAG,
  access: 'admin',
  summary: 'Revoke an API key',
  description: 'It stops working within a second, everywhere. Idempotent; the last admin key cannot be revoked.',
  params: KeyPath,
  answers: { 200: { description: 'The revoked key.', schema: KeySchema } },
  problems: ['not-found', 'conflict'],
  async handle(call) {
    const { parts, params } = call
    const before = await requireKey(call)
    if (before.revokedAt !== null) return ok(before)
    const after = await parts.db.prisma.$transaction(async (tx) => {
      const row = await tx.apiKey.update({ where: { id: params.id }, data: { revokedAt: parts.now() } })
      await tx.session.deleteMany({ where: { keyId: row.id } })
      const admins = await tx.apiKey.count({
        where: {
          projectId: row.projectId,
          scopes: { has: 'admin' },
          revokedAt: null,
          OR: [{ expiresAt: null }, { expiresAt: { gt: parts.now() } }],
        },
      })
      if (admins === 0) throw new Problem('conflict', 'this is the last admin key; make another one first')
      const view = viewOf(row)
      await audit(tx, call, { action: 'key.revoke', targetType: 'key', targetId: row.id, before, after: view })
      return view
    })
    parts.keys.forget()
    return ok(after)
  },
})

const rotate = operation({
  id: 'rotateKey',
  method: 'post',
  path: '/v1/keys/{id}/rotate',
  tag: TAG,
  access: 'admin',
  summary: 'Replace the secret of an API key',
  description:
    'The old secret, and whoever is signed in with it, stops working within a second; name, scopes and limits stay.',
  params: KeyPath,
  answers: { 200: { description: 'The key with its new secret, shown this once.', schema: NewKey } },
  problems: ['not-found', 'conflict'],
  async handle(call) {
    const { parts } = call
    const before = await requireKey(call)
    if (before.revokedAt !== null) throw new Problem('conflict', 'the key was revoked; make a new one')
    const { token, publicId, secretHash } = makeApiKey()
    const after = await parts.db.prisma.$transaction(async (tx) => {
      const row = await tx.apiKey.update({ where: { id: before.id }, data: { publicId, secretHash } })
      await tx.session.deleteMany({ where: { keyId: row.id } })
      const view = viewOf(row)
      await audit(tx, call, { action: 'key.rotate', targetType: 'key', targetId: row.id, before, after: view })
      return view
    })
    parts.keys.forget()
    return ok({ ...after, token })
  },
})

export const keyOperations: readonly Operation[] = [create, list, get, revoke, rotate]
