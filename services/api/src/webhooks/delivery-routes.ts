import { randomUUID } from 'node:crypto'
import { audit } from '../http/audit.ts'
import { readPage } from '../http/cursor.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { listDeliveries, requireDelivery, requireWebhook } from './queries.ts'
import { DeliveryDetail, DeliveryPage, DeliveryPath, ListDeliveries, WebhookPath } from './schema.ts'

const TAG = 'Webhooks'

const test = operation({
  id: 'testWebhook',
  method: 'post',
  path: '/v1/webhooks/{id}/test',
  tag: TAG,
  access: 'manage',
  summary: 'Send a test message',
  description:
    'Of the type `webhook.test`, whatever the events and quiet hours say. Read the delivery to see what came of it.',
  params: WebhookPath,
  answers: { 202: { description: 'The delivery.', schema: DeliveryDetail, headers: { Location: 'The delivery.' } } },
  problems: ['not-found', 'conflict'],
  async handle(call) {
    const { parts, caller } = call
    const webhook = await requireWebhook(call, parts.db.prisma)
    if (!webhook.enabled) throw new Problem('conflict', 'the webhook is turned off; set `enabled` first')
    const payload = {
      type: 'webhook.test',
      timestamp: parts.now().toISOString(),
      text: `a test from Portolan, asked for by ${caller.keyName ?? 'somebody'}`,
      data: { webhookId: webhook.id },
    }
    const dedupeKey = `test ${randomUUID()}`
    const id = await parts.db.prisma.$transaction(async (tx) => {
      const row = await tx.delivery.create({ data: { webhookId: webhook.id, event: payload.type, dedupeKey, payload } })
      await audit(tx, call, {
        action: 'webhook.test',
        targetType: 'webhook',
        targetId: webhook.id,
        after: { deliveryId: row.id },
      })
      return row.id
    })
    const delivery = await requireDelivery(parts.db.pool, webhook.id, id)
    return { status: 202, body: delivery, headers: { Location: `/v1/webhooks/${webhook.id}/deliveries/${id}` } }
  },
})

const list = operation({
  id: 'listDeliveries',
  method: 'get',
  path: '/v1/webhooks/{id}/deliveries',
  tag: TAG,
  access: 'manage',
  summary: 'Read the delivery log',
  description: 'Newest first; kept for 30 days.',
  params: WebhookPath,
  query: ListDeliveries,
  answers: { 200: { description: 'A page of deliveries.', schema: DeliveryPage } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, query } = call
    const webhook = await requireWebhook(call, parts.db.prisma)
    const { limit, cursor, state } = query
    const paging = { purpose: `deliveries ${webhook.id}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (before, limit) =>
      listDeliveries(parts.db.pool, webhook.id, { state, before, limit }),
    )
    return ok(page)
  },
})

const get = operation({
  id: 'getDelivery',
  method: 'get',
  path: '/v1/webhooks/{id}/deliveries/{deliveryId}',
  tag: TAG,
  access: 'manage',
  summary: 'Read a delivery',
  description: 'What is sent, and what came of each attempt.',
  params: DeliveryPath,
  answers: { 200: { description: 'The delivery.', schema: DeliveryDetail } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, params } = call
    const webhook = await requireWebhook(call, parts.db.prisma)
    return ok(await requireDelivery(parts.db.pool, webhook.id, params.deliveryId))
  },
})

const redeliver = operation({
  id: 'redeliver',
  method: 'post',
  path: '/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver',
  tag: TAG,
  access: 'manage',
  summary: 'Send a delivery again',
  description: 'Now, with the same `webhook-id`, whether or not it arrived before.',
  params: DeliveryPath,
  answers: { 202: { description: 'The delivery, on its way again.', schema: DeliveryDetail } },
  problems: ['not-found', 'conflict'],
  async handle(call) {
    const { parts, params } = call
    const webhook = await requireWebhook(call, parts.db.prisma)
    const { state, attempts } = await requireDelivery(parts.db.pool, webhook.id, params.deliveryId)
    if (!webhook.enabled) throw new Problem('conflict', 'the webhook is turned off; set `enabled` first')
    if (state === 'held' || state === 'digested')
      throw new Problem('conflict', 'this goes into a daily digest; send the digest again')
    await parts.db.prisma.$transaction(async (tx) => {
      await tx.delivery.update({
        where: { id: params.deliveryId },
        data: { state: 'pending', attempts: 0, nextAttemptAt: parts.now() },
      })
      const images = { before: { state, attempts }, after: { state: 'pending', attempts: 0 } }
      const target = { targetType: 'delivery', targetId: params.deliveryId }
      await audit(tx, call, { action: 'webhook.redeliver', ...target, ...images })
    })
    return { status: 202, body: await requireDelivery(parts.db.pool, webhook.id, params.deliveryId) }
  },
})

export const deliveryOperations: readonly Operation[] = [test, list, get, redeliver]
