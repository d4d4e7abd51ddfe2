import { randomBytes } from 'node:crypto'
import { Prisma } from '@portolan/db/client.ts'
import { audit } from '../http/audit.ts'
import { changeOne } from '../http/change-one.ts'
import { readPage } from '../http/cursor.ts'
import { etagOf } from '../http/etag.ts'
import { created, noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { imageOf, refuseTaken, requireWebhook, viewOf } from './queries.ts'
import {
  CreateWebhook,
  flawOfUrl,
  ListWebhooks,
  NewWebhook,
  RotateSecret,
  UpdateWebhook,
  type Webhook,
  WebhookPage,
  WebhookPath,
  Webhook as WebhookSchema,
} from './schema.ts'

/** What is changed and deleted here. */
const WEBHOOK = { table: 'webhooks', read: requireWebhook }
const TAG = 'Webhooks'

/** 256 bits. */
const newSecret = () => new Uint8Array(randomBytes(32))
const textOf = (secret: Uint8Array) => `whsec_${Buffer.from(secret).toString('base64')}`

function requireUrl(url: string, kind: Webhook['kind']): void {
  const detail = flawOfUrl(url, kind)
  if (detail === null) return
  throw new Problem('validation', `url: ${detail}`, { errors: [{ in: 'body', pointer: '#/url', detail }] })
}

const create = operation({
  id: 'createWebhook',
  method: 'post',
  path: '/v1/webhooks',
  tag: TAG,
  access: 'manage',
  summary: 'Be told',
  description:
    'A program (signed as Standard Webhooks has it), a chat room, or mailboxes are told of changes, findings and scans. Every message comes at least once; its `webhook-id` is the same each time. Where it may go is checked when it is sent.',
  body: CreateWebhook,
  bodyExample: { name: 'on-call', url: 'https://hooks.example.org/portolan', events: ['finding.*', 'change.opened'] },
  idempotent: true,
  answers: {
    201: { description: 'The webhook and its secret.', schema: NewWebhook, headers: { Location: 'The webhook.' } },
  },
  problems: ['conflict'],
  async handle(call) {
    const { parts, caller, body } = call
    requireUrl(body.url, body.kind)
    const { filter, quietHours, ...rest } = body
    const secret = newSecret()
    return parts.db.prisma.$transaction(async (tx) => {
      await refuseTaken(tx, caller.projectId, body.name)
      const row = await tx.webhook.create({
        data: {
          ...rest,
          projectId: caller.projectId,
          secret,
          ...(filter !== null && { filter }),
          ...(quietHours !== null && { quietHours }),
        },
      })
      const view = viewOf(row)
      await audit(tx, call, { action: 'webhook.create', targetType: 'webhook', targetId: row.id, after: imageOf(view) })
      const answer = created(`/v1/webhooks/${row.id}`, { ...view, secret: textOf(secret) })
      return call.parts.idempotency.complete(tx, call.claim, answer)
    })
  },
})

const list = operation({
  id: 'listWebhooks',
  method: 'get',
  path: '/v1/webhooks',
  tag: TAG,
  access: 'manage',
  summary: 'List webhooks',
  description: 'Oldest first. Their addresses are shown, and may be secrets themselves.',
  query: ListWebhooks,
  answers: { 200: { description: 'A page of webhooks.', schema: WebhookPage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `webhooks ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, async (after, limit) => {
      const where = { projectId: caller.projectId, ...(after !== null && { id: { gt: after } }) }
      return (await parts.db.prisma.webhook.findMany({ where, orderBy: { id: 'asc' }, take: limit })).map(viewOf)
    })
    return ok(page)
  },
})

const get = operation({
  id: 'getWebhook',
  method: 'get',
  path: '/v1/webhooks/{id}',
  tag: TAG,
  access: 'manage',
  summary: 'Read a webhook',
  description: 'Without its secret.',
  params: WebhookPath,
  answers: { 200: { description: 'The webhook.', schema: WebhookSchema } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireWebhook(call, call.parts.db.prisma))
  },
})

const update = operation({
  id: 'updateWebhook',
  method: 'patch',
  path: '/v1/webhooks/{id}',
  tag: TAG,
  access: 'manage',
  summary: 'Change a webhook',
  description: 'Fields left out stay as they are.',
  params: WebhookPath,
  body: UpdateWebhook,
  bodyExample: { enabled: true },
  conditional: true,
  answers: { 200: { description: 'The webhook as it is now.', schema: WebhookSchema } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  async handle(call) {
    const { parts, caller, params, body } = call
    const { filter, quietHours, ...plain } = body
    const webhook = await changeOne(call, WEBHOOK, async (tx, before) => {
      if (body.url !== undefined) requireUrl(body.url, before.kind)
      if (body.name !== undefined && body.name !== before.name) await refuseTaken(tx, caller.projectId, body.name)
      const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined))
      const row = await tx.webhook.update({
        where: { id: params.id },
        data: {
          ...given,
          ...(filter !== undefined && { filter: filter ?? Prisma.DbNull }),
          ...(quietHours !== undefined && { quietHours: quietHours ?? Prisma.DbNull }),
          ...(body.enabled === true && { failures: 0, disabledReason: null }),
          revision: before.revision + 1,
          updatedAt: parts.now(),
        },
      })
      const after = viewOf(row)
      const images = { before: imageOf(before), after: imageOf(after) }
      await audit(tx, call, { action: 'webhook.update', targetType: 'webhook', targetId: row.id, ...images })
      return after
    })
    return ok(webhook, { ETag: etagOf(webhook) })
  },
})

const remove = operation({
  id: 'deleteWebhook',
  method: 'delete',
  path: '/v1/webhooks/{id}',
  tag: TAG,
  access: 'manage',
  summary: 'Delete a webhook',
  description: 'With its deliveries, sent or not.',
  params: WebhookPath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { params } = call
    await changeOne(call, WEBHOOK, async (tx, before) => {
      await tx.webhook.delete({ where: { id: params.id } })
      const image = { before: imageOf(before) }
      await audit(tx, call, { action: 'webhook.delete', targetType: 'webhook', targetId: params.id, ...image })
    })
    return noContent
  },
})

const rotate = operation({
  id: 'rotateWebhookSecret',
  method: 'post',
  path: '/v1/webhooks/{id}/rotate-secret',
  tag: TAG,
  access: 'manage',
  summary: 'Replace a webhook’s secret',
  description: 'For a while messages carry two signatures, so that the receiver can change over at any moment of it.',
  params: WebhookPath,
  body: RotateSecret,
  bodyExample: { graceSeconds: 86400 },
  answers: { 200: { description: 'The webhook with its new secret, shown this once.', schema: NewWebhook } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, params, body } = call
    const secret = newSecret()
    const webhook = await parts.db.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM webhooks WHERE id = ${params.id}::uuid FOR UPDATE`
      const before = await requireWebhook(call, tx)
      const { secret: previousSecret } = await tx.webhook.findUniqueOrThrow({ where: { id: params.id } })
      const previousUntil = new Date(parts.now().getTime() + body.graceSeconds * 1000)
      const row = await tx.webhook.update({
        where: { id: params.id },
        data: { secret, previousSecret, previousUntil, revision: before.revision + 1, updatedAt: parts.now() },
      })
      const after = viewOf(row)
      const images = { before: imageOf(before), after: imageOf(after) }
      await audit(tx, call, { action: 'webhook.rotate-secret', targetType: 'webhook', targetId: row.id, ...images })
      return after
    })
    return ok({ ...webhook, secret: textOf(secret) })
  },
})

export const webhookOperations: readonly Operation[] = [create, list, get, update, remove, rotate]
