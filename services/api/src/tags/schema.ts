/** A tag: a word for addresses, by which rules of policies and searches select them. */
import { readAddressList } from '@portolan/core/target/address-list.ts'
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { line, moment } from '../http/text.ts'

/** Tags of one project: every host that is looked at is held against all of them. */
export const MOST_TAGS = 100

export const tagName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be up to 32 lower-case letters, digits, - and _')
  .meta({ examples: ['dmz'] })

const targets = z
  .array(line({ max: 1024 }))
  .min(1)
  .max(1_000)
  .superRefine((specs, context) => {
    for (const { index, detail } of readAddressList(specs).flaws)
      context.addIssue({ code: 'custom', message: detail, path: [index] })
  })
  .meta({ description: 'Addresses, blocks, ranges.', examples: [['10.1.0.0/16', '192.0.2.7']] })
const description = line({ max: 1000 })
  .nullable()
  .meta({ examples: ['reachable from the internet'] })

export const SetTag = z.strictObject({ targets, description: description.default(null) }).meta({ id: 'SetTag' })

export const Tag = z
  .strictObject({
    name: tagName,
    targets: z.array(z.string()),
    description,
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Tag' })
export type Tag = z.output<typeof Tag>

export const TagPage = pageOf(Tag, 'TagPage')
export const TagPath = z.strictObject({ tag: tagName })
export const ListTags = z.strictObject(paging)
