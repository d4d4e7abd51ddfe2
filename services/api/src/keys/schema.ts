import { z } from 'zod'
import { KEY_SCOPES } from '../http/caller.ts'
import { pageOf, paging } from '../http/cursor.ts'
import { cidr } from '../http/network.ts'
import { id, line, moment } from '../http/text.ts'

const limit = z.int().min(1).max(1_000_000)

const limits = {
  targetLimits: z
    .array(cidr)
    .max(1000)
    .default([])
    .meta({ description: 'The only networks this key may scan, within the scopes; empty: all of them.' }),
  rateLimit: limit.nullable().default(null).meta({ description: 'Requests a minute; null: the installation’s limit.' }),
  maxScans: limit.nullable().default(null).meta({ description: 'Scans that may be unfinished at once.' }),
  dailyProbes: z.int().min(1).nullable().default(null).meta({ description: 'Probes in any 24 hours.' }),
  expiresAt: moment.nullable().default(null),
}

export const CreateKey = z
  .strictObject({
    name: line({ max: 200 }),
    scopes: z
      .array(z.enum(KEY_SCOPES))
      .min(1)
      .max(4)
      .meta({ description: 'read < scan < manage < admin; each includes those before it.' }),
    ...limits,
  })
  .meta({ id: 'CreateKey' })
export type CreateKey = z.output<typeof CreateKey>

export const Key = z
  .strictObject({
    id,
    publicId: z.string().meta({ description: 'The part of the key that is not secret: `ptl_<publicId>_...`.' }),
    name: z.string(),
    scopes: z.array(z.enum(KEY_SCOPES)),
    targetLimits: z.array(z.string()),
    rateLimit: z.int().nullable(),
    maxScans: z.int().nullable(),
    dailyProbes: z.int().nullable(),
    expiresAt: moment.nullable(),
    lastUsedAt: moment.nullable(),
    revokedAt: moment.nullable(),
    createdAt: moment,
  })
  .meta({ id: 'Key' })
export type Key = z.output<typeof Key>

export const NewKey = z
  .strictObject({ ...Key.shape, token: z.string().meta({ description: 'The key itself. Shown this once.' }) })
  .meta({ id: 'NewKey' })

export const KeyPage = pageOf(Key, 'KeyPage')
export const KeyPath = z.strictObject({ id })
export const ListKeys = z.strictObject(paging)
