import type { Prisma, PrismaClient } from '@portolan/db/client.ts'
import type { Pool } from 'pg'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { type Delivery, type DeliveryDetail, type Webhook, Webhook as WebhookSchema } from './schema.ts'

type Db = PrismaClient | Prisma.TransactionClient
type WebhookRow = Prisma.WebhookGetPayload<object>

export function viewOf(row: WebhookRow): Webhook {
  const { projectId: _project, secret: _secret, previousSecret: _previous, previousUntil, ...rest } = row
  return WebhookSchema.parse({
    ...rest,
    previousSecretUntil: previousUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  })
}

/** For the audit log: whoever knows the address of a chat's hook can write to it. */
export const imageOf = (view: Webhook): Webhook => ({ ...view, url: maskedUrl(view) })

function maskedUrl({ kind, url }: Webhook): string {
  return kind === 'email' ? url : `${new URL(url).origin}/…`
}

export async function requireWebhook(
  { caller, params }: Call<{ readonly id: string }, unknown, unknown>,
  db: Db,
): Promise<Webhook> {
  const row = await db.webhook.findFirst({ where: { id: params.id, projectId: caller.projectId } })
  if (row === null) throw new Problem('not-found', `there is no webhook ${params.id}`)
  return viewOf(row)
}

export async function refuseTaken(db: Db, projectId: string, name: string): Promise<void> {
  const before = await db.webhook.findFirst({ where: { projectId, name } })
  if (before) throw new Problem('conflict', `there is a webhook ${JSON.stringify(name)} already: ${before.id}`)
}

interface DeliveryRow {
  readonly id: string
  readonly event: string
  readonly state: Delivery['state']
  readonly attempts: number
  readonly next_attempt_at: Date
  readonly created_at: Date
  readonly delivered_at: Date | null
  readonly payload: { readonly text: string }
}

function deliveryOf(row: DeliveryRow): Delivery {
  const waiting = row.state === 'pending' || row.state === 'held'
  return {
    id: row.id,
    event: row.event,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: waiting ? row.next_attempt_at.toISOString() : null,
    createdAt: row.created_at.toISOString(),
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    text: row.payload.text,
  }
}

export interface DeliveryFilter {
  readonly state?: readonly string[] | undefined
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listDeliveries(pool: Pool, webhookId: string, { state, before, limit }: DeliveryFilter) {
  const { rows } = await pool.query<DeliveryRow>(
    `SELECT * FROM deliveries WHERE webhook_id = $1 AND ($2::uuid IS NULL OR id < $2)
       AND ($3::text[] IS NULL OR state = ANY ($3)) ORDER BY id DESC LIMIT $4`,
    [webhookId, before, state ?? null, limit],
  )
  return rows.map(deliveryOf)
}

export async function requireDelivery(pool: Pool, webhookId: string, id: string): Promise<DeliveryDetail> {
  const { rows } = await pool.query<DeliveryRow>('SELECT * FROM deliveries WHERE id = $1 AND webhook_id = $2', [
    id,
    webhookId,
  ])
  const [row] = rows
  if (row === undefined) throw new Problem('not-found', `there is no delivery ${id}`)
  const log = await pool.query<{ at: Date; status: number | null; error: string | null; durationMs: number }>(
    `SELECT at, status, error, duration_ms AS "durationMs" FROM delivery_attempts
     WHERE delivery_id = $1 ORDER BY id DESC LIMIT 100`,
    [id],
  )
  const attempts = log.rows.map((attempt) => ({ ...attempt, at: attempt.at.toISOString() }))
  return { ...deliveryOf(row), payload: row.payload, log: attempts }
}
