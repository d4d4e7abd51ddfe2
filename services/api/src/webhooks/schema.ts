import { NEWS_PATTERNS } from '@portolan/core/exposure/news.ts'
import { isClockTime, isTimeZone } from '@portolan/core/exposure/wall-clock.ts'
import { isVantageName } from '@portolan/core/jobs.ts'
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { cidr } from '../http/network.ts'
import { id, line, moment, queryList } from '../http/text.ts'
import { SEVERITIES } from '../policies/schema.ts'

export const KINDS = ['webhook', 'slack', 'teams', 'discord', 'email'] as const
const DIGESTS = ['immediate', 'per-schedule', 'daily'] as const
export const DELIVERY_STATES = ['pending', 'held', 'digested', 'delivered', 'failed'] as const

/** One address (RFC 5322 dot-atom) as `mailto:` URLs hold it: nothing in it that a header could be made of. */
const MAILTO =
  /^mailto:[\w.!#$'*+/=^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}(,[\w.!#$'*+/=^`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}){0,19}$/

/** Null when this can be sent to. */
export function flawOfUrl(url: string, kind: (typeof KINDS)[number]): string | null {
  if (kind === 'email') return MAILTO.test(url) ? null : 'must be mailto: with up to 20 addresses separated by commas'
  if (!URL.canParse(url)) return 'must be a URL'
  const { protocol, username, password, hash } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && kind === 'webhook'))
    return kind === 'webhook' ? 'must begin with https:// or http://' : 'must begin with https://'
  if (username !== '' || password !== '') return 'must not hold a user name or password'
  return hash === '' ? null : 'must not have a fragment'
}

const clock = line({ max: 5 })
  .refine(isClockTime, 'must be HH:MM, 00:00 to 23:59')
  .meta({ examples: ['22:00'] })
const quietHours = z.strictObject({ from: clock, to: clock }).nullable().meta({
  description:
    'Every day from `from` until `to`, over midnight when `to` is earlier: what happens then is told at the end.',
})
const timeZone = line({ max: 64 })
  .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
  .meta({ examples: ['Europe/Berlin'] })
const events = z
  .array(z.enum(NEWS_PATTERNS))
  .min(1)
  .max(50)
  .meta({ description: 'Types, `change.*` for all of a kind, or `*`.' })
const digest = z.enum(DIGESTS).meta({
  description: '`immediate`: as it happens; `per-schedule`: one message for each scan; `daily`: one message a day.',
})
const digestAt = clock.meta({ description: 'When the daily digest is due, in `timeZone`.' })

export const WebhookFilter = z
  .strictObject({
    networks: z.array(cidr).min(1).max(100).optional(),
    vantages: z
      .array(line({ max: 63 }).refine(isVantageName, 'must be the name of a vantage'))
      .min(1)
      .max(100)
      .optional(),
    scheduleIds: z.array(id).min(1).max(100).optional(),
    minSeverity: z.enum(SEVERITIES).optional().meta({ description: 'Of findings.' }),
  })
  .meta({ id: 'WebhookFilter', description: 'All of it must hold.' })

export const CreateWebhook = z
  .strictObject({
    name: line({ max: 200 }),
    kind: z.enum(KINDS).default('webhook'),
    url: line({ max: 2000 }).meta({
      description: 'Where to send: https://, for `webhook` also http://; for `email` mailto: with the recipients.',
      examples: ['https://hooks.example.org/portolan'],
    }),
    events,
    filter: WebhookFilter.nullable().default(null),
    digest: digest.default('immediate'),
    digestAt: digestAt.default('08:00'),
    timeZone: timeZone.default('UTC'),
    quietHours: quietHours.default(null),
    enabled: z.boolean().default(true),
  })
  .meta({ id: 'CreateWebhook' })

export const UpdateWebhook = z
  .strictObject({
    name: line({ max: 200 }).optional(),
    url: line({ max: 2000 }).optional(),
    events: events.optional(),
    filter: WebhookFilter.nullable().optional(),
    digest: digest.optional(),
    digestAt: digestAt.optional(),
    timeZone: timeZone.optional(),
    quietHours: quietHours.optional(),
    enabled: z.boolean().optional().meta({ description: 'Turning it on again sends what has been waiting.' }),
  })
  .meta({ id: 'UpdateWebhook' })

const webhook = {
  id,
  name: z.string(),
  kind: z.enum(KINDS),
  url: z.string(),
  events: z.array(z.string()),
  filter: WebhookFilter.nullable(),
  digest,
  digestAt: z.string(),
  timeZone: z.string(),
  quietHours: z.strictObject({ from: z.string(), to: z.string() }).nullable(),
  enabled: z.boolean(),
  failures: z.int().meta({ description: 'Attempts that failed since the last one that did not.' }),
  disabledReason: z.string().nullable().meta({ description: 'Why it was turned off by itself.' }),
  previousSecretUntil: moment
    .nullable()
    .meta({ description: 'Until then messages carry a signature of the old secret, too.' }),
  createdAt: moment,
  updatedAt: moment,
  revision: z.int(),
}
export const Webhook = z.strictObject(webhook).meta({ id: 'Webhook' })
export type Webhook = z.output<typeof Webhook>

export const NewWebhook = z
  .strictObject({
    ...webhook,
    secret: z.string().meta({
      description: 'What messages are signed with, as Standard Webhooks has it; shown this once.',
      examples: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    }),
  })
  .meta({ id: 'NewWebhook' })

export const RotateSecret = z
  .strictObject({
    graceSeconds: z.int().min(0).max(2_592_000).default(86_400).meta({
      description: 'How long messages are signed with the old secret as well.',
    }),
  })
  .meta({ id: 'RotateSecret' })

export const WebhookPage = pageOf(Webhook, 'WebhookPage')
export const WebhookPath = z.strictObject({ id })
export const ListWebhooks = z.strictObject(paging)

const delivery = {
  id,
  event: z.string(),
  state: z.enum(DELIVERY_STATES).meta({
    description:
      '`held`: waits for the daily digest; `digested`: went into one; `failed`: given up after a day of attempts.',
  }),
  attempts: z.int(),
  nextAttemptAt: moment.nullable(),
  createdAt: moment,
  deliveredAt: moment.nullable(),
  text: z.string().meta({ description: 'What it says, in one line.' }),
}
export const Delivery = z.strictObject(delivery).meta({ id: 'Delivery' })
export type Delivery = z.output<typeof Delivery>

export const DeliveryAttempt = z
  .strictObject({
    at: moment,
    status: z.int().nullable().meta({ description: 'Of HTTP; null when nobody answered.' }),
    error: z.string().nullable(),
    durationMs: z.int(),
  })
  .meta({ id: 'DeliveryAttempt' })

export const DeliveryDetail = z
  .strictObject({
    ...delivery,
    payload: z.record(z.string(), z.unknown()),
    log: z.array(DeliveryAttempt).meta({ description: 'Newest first, at most 100.' }),
  })
  .meta({ id: 'DeliveryDetail' })
export type DeliveryDetail = z.output<typeof DeliveryDetail>

export const DeliveryPage = pageOf(Delivery, 'DeliveryPage')
export const DeliveryPath = z.strictObject({ id, deliveryId: id })
export const ListDeliveries = z.strictObject({ state: queryList(z.enum(DELIVERY_STATES)).optional(), ...paging })
