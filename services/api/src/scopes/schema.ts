import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { CidrText, cidr } from '../http/network.ts'
import { id, line, moment } from '../http/text.ts'

const about = {
  owner: line({ max: 200 }).meta({ description: 'Who answers for these addresses.' }),
  reason: line({ max: 1000 }).meta({ description: 'Why they may be scanned: a ticket, an order, a contract.' }),
  expiresAt: moment.nullable().default(null).meta({ description: 'From then on the entry allows nothing.' }),
}

export const CreateScope = z.strictObject({ cidr, ...about }).meta({ id: 'CreateScope' })

export const UpdateScope = z
  .strictObject({
    owner: about.owner.optional(),
    reason: about.reason.optional(),
    expiresAt: moment.nullable().optional(),
  })
  .meta({ id: 'UpdateScope' })

export const Scope = z
  .strictObject({
    id,
    cidr: CidrText,
    namesSpecial: z.boolean().meta({
      description: 'Whether the entry lies inside a special-purpose range (private, link-local, ...) and so opens it.',
    }),
    owner: z.string(),
    reason: z.string(),
    expiresAt: moment.nullable(),
    createdAt: moment,
    createdBy: z.string().nullable(),
  })
  .meta({ id: 'Scope' })
export type Scope = z.output<typeof Scope>

export const ScopePage = pageOf(Scope, 'ScopePage')
export const ScopePath = z.strictObject({ id })
export const ListScopes = z.strictObject(paging)
