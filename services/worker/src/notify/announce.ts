/**
 * Puts news into the outbox: one delivery for each subscription that wants it. Runs in the transaction that makes the
 * news, so there is no news without its deliveries and no delivery without its news; putting it in again adds nothing.
 */
import { type News, type NewsFilter, wants } from '@portolan/core/exposure/news.ts'
import { afterQuietHours, nextDigest, type QuietHours } from '@portolan/core/exposure/quiet-hours.ts'
import type pg from 'pg'
import { digestOf, messageOf } from './message.ts'

type Subscription = {
  readonly id: string
  readonly kind: string
  readonly events: readonly string[]
  readonly filter: NewsFilter | null
  readonly digest: 'immediate' | 'per-schedule' | 'daily'
  readonly digestAt: string
  readonly timeZone: string
  readonly quietHours: QuietHours | null
}

type Row = {
  readonly event: string
  readonly key: string
  readonly order: string | null
  readonly payload: object
  readonly state: 'pending' | 'held'
  /** Milliseconds since 1970. */
  readonly due: number
}

/** A chat room or a mailbox gets more than this of one scan as one message; a program gets each by itself. */
const MOST_MESSAGES = 10

const SUBSCRIPTIONS = `
  SELECT id, kind, events, filter, digest, digest_at AS "digestAt", time_zone AS "timeZone", quiet_hours AS "quietHours"
  FROM webhooks WHERE project_id = $1 AND enabled ORDER BY id`

/** `batch` names what the news have in common, such as the scan that found them. `now` in milliseconds since 1970. */
export async function announce(
  client: pg.ClientBase,
  projectId: string,
  news: readonly News[],
  { batch, now }: { readonly batch: string; readonly now: number },
): Promise<void> {
  if (news.length === 0) return
  const { rows } = await client.query<Subscription>(SUBSCRIPTIONS, [projectId])
  for (const subscription of rows) {
    const wanted = news.filter((one) => wants(subscription.events, subscription.filter ?? {}, one))
    if (wanted.length > 0) await putIn(client, subscription.id, rowsOf(subscription, wanted, { batch, now }))
  }
}

function rowsOf(to: Subscription, news: readonly News[], { batch, now }: { batch: string; now: number }): Row[] {
  const each = (state: Row['state'], due: number) =>
    news.map((one) => ({ event: one.type, key: one.key, order: orderOf(one), payload: messageOf(one), state, due }))
  if (to.digest === 'daily') return each('held', nextDigest(now, to))
  const due = afterQuietHours(now, to)
  const chat = to.kind !== 'webhook'
  if (to.digest === 'immediate' && !(chat && news.length > MOST_MESSAGES)) return each('pending', due)
  const payload = digestOf(news.map(messageOf), new Date(now).toISOString())
  return [{ event: 'digest', key: `digest ${batch}`, order: null, payload, state: 'pending', due }]
}

function orderOf({ place }: News): string | null {
  return place && `${place.vantage} ${place.ip} ${place.transport}/${place.port}`
}

async function putIn(client: pg.ClientBase, webhookId: string, rows: readonly Row[]): Promise<void> {
  await client.query(
    `INSERT INTO deliveries (webhook_id, event, dedupe_key, order_key, payload, state, next_attempt_at)
     SELECT $1, event, key, ordering, payload::jsonb, state, to_timestamp(due / 1000)
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[])
       WITH ORDINALITY AS n (event, key, ordering, payload, state, due, place)
     ORDER BY place ON CONFLICT (webhook_id, dedupe_key) DO NOTHING`,
    [
      webhookId,
      rows.map(({ event }) => event),
      rows.map(({ key }) => key),
      rows.map(({ order }) => order),
      rows.map(({ payload }) => JSON.stringify(payload)),
      rows.map(({ state }) => state),
      rows.map(({ due }) => due),
    ],
  )
}
