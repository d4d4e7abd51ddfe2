/** Reads and writes of the outbox. A delivery is taken for a while, so that whoever takes it and dies loses nothing. */
import { transaction } from '@portolan/db/transaction.ts'
import type pg from 'pg'
import { pauseAfter } from './back-off.ts'
import type { Due } from './deliver.ts'
import { digestOf, type Message } from './message.ts'
import type { Outcome } from './post.ts'

export type Taken = Due & { readonly webhookId: string; readonly attempts: number }

/** Seconds a taken delivery stays with its taker: longer than any attempt lasts. */
const TAKEN_FOR = 60

/** Due, and nothing earlier about the same place is still on its way. */
const TAKE = `
  WITH due AS (
    SELECT d.id FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id
    WHERE d.state = 'pending' AND d.next_attempt_at <= now() AND w.enabled AND NOT EXISTS (
      SELECT FROM deliveries b WHERE b.webhook_id = d.webhook_id AND b.order_key = d.order_key AND b.state = 'pending'
        AND b.seq < d.seq)
    ORDER BY d.next_attempt_at, d.seq LIMIT $1 FOR UPDATE OF d SKIP LOCKED
  )
  UPDATE deliveries d SET attempts = attempts + 1, next_attempt_at = now() + $2 * interval '1 second'
  FROM due, webhooks w WHERE d.id = due.id AND w.id = d.webhook_id
  RETURNING d.id, d.webhook_id AS "webhookId", d.attempts, d.payload, w.kind, w.url,
    array_remove(ARRAY[w.secret, CASE WHEN w.previous_until > now() THEN w.previous_secret END], NULL) AS secrets`

export async function takeDue(db: pg.Pool, most: number): Promise<readonly Taken[]> {
  return (await db.query<Taken>(TAKE, [most, TAKEN_FOR])).rows
}

/** What came of an attempt: delivered, again later, or given up. */
export async function recordAttempt(db: pg.Pool, taken: Taken, outcome: Outcome, durationMs: number): Promise<void> {
  const { status, error, retryAfter } = outcome
  const pause = pauseAfter(taken.attempts, { asked: retryAfter, chance: Math.random() })
  // 410 Gone: the receiver says that nobody will ever listen there again.
  const over = status === 410 || pause === null
  const state = error === null ? 'delivered' : over ? 'failed' : 'pending'
  await transaction(db, async (client) => {
    await client.query(
      'INSERT INTO delivery_attempts (delivery_id, status, error, duration_ms) VALUES ($1, $2, $3, $4)',
      [taken.id, status, error?.slice(0, 500) ?? null, Math.round(durationMs)],
    )
    await client.query(
      `UPDATE deliveries SET state = $2, delivered_at = CASE WHEN $2 = 'delivered' THEN now() END,
         next_attempt_at = now() + $3 * interval '1 millisecond' WHERE id = $1`,
      [taken.id, state, pause ?? 0],
    )
    if (state === 'failed') await disable(client, taken, status === 410 ? 'the receiver answered 410 Gone' : error)
    else await client.query(COUNT_FAILURES, [taken.webhookId, state === 'delivered'])
  })
}

const COUNT_FAILURES = `
  UPDATE webhooks SET failures = CASE WHEN $2 THEN 0 ELSE failures + 1 END WHERE id = $1 AND NOT ($2 AND failures = 0)`

const DISABLE = `
  WITH disabled AS (
    UPDATE webhooks SET enabled = false, failures = failures + 1, disabled_reason = $2, revision = revision + 1,
      updated_at = now()
    WHERE id = $1 AND enabled RETURNING id, project_id, name
  )
  INSERT INTO audit_entries (project_id, actor, action, target_type, target_id, before, after)
  SELECT project_id, 'notifier', 'webhook.disable', 'webhook', id, jsonb_build_object('name', name, 'enabled', true),
    jsonb_build_object('name', name, 'enabled', false, 'reason', $2::text) FROM disabled`

/** A receiver that has failed for a day, or is gone, is left alone until somebody turns it on again. */
async function disable(client: pg.ClientBase, { webhookId, attempts }: Taken, error: string | null): Promise<void> {
  await client.query(DISABLE, [
    webhookId,
    `${attempts} attempts failed, the last one: ${error ?? 'unknown'}`.slice(0, 500),
  ])
}

type Held = { readonly id: string; readonly payload: Message }

/** Makes one message of what is held for a daily digest that is due. */
export async function gatherDigests(db: pg.Pool): Promise<void> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT DISTINCT webhook_id AS id FROM deliveries WHERE state = 'held' AND next_attempt_at <= now()`,
  )
  for (const { id } of rows) {
    await transaction(db, async (client) => {
      const held = await client.query<Held>(
        `SELECT id, payload FROM deliveries WHERE webhook_id = $1 AND state = 'held' AND next_attempt_at <= now()
         ORDER BY seq FOR UPDATE SKIP LOCKED`,
        [id],
      )
      const [first] = held.rows
      if (first === undefined) return
      const payload = digestOf(
        held.rows.map((row) => row.payload),
        new Date().toISOString(),
      )
      await client.query(
        `INSERT INTO deliveries (webhook_id, event, dedupe_key, payload) VALUES ($1, 'digest', $2, $3)
         ON CONFLICT (webhook_id, dedupe_key) DO NOTHING`,
        [id, `digest ${first.id}`, JSON.stringify(payload)],
      )
      const ids = held.rows.map((row) => row.id)
      await client.query(`UPDATE deliveries SET state = 'digested' WHERE id = ANY ($1::uuid[])`, [ids])
    })
  }
}

/** Days what was delivered, digested or given up stays readable. */
const KEPT_FOR = 30

export async function forgetOldDeliveries(db: pg.Pool): Promise<void> {
  await db.query(
    `DELETE FROM deliveries WHERE state IN ('delivered', 'digested', 'failed')
       AND created_at < now() - $1 * interval '1 day'`,
    [KEPT_FOR],
  )
}
