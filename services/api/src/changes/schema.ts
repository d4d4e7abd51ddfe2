/** What changed, and the two sides of a change. */
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { cidr } from '../http/network.ts'
import { id, line, moment, queryInteger, queryList } from '../http/text.ts'

const text = z.string().nullable()

export const KINDS = ['opened', 'closed', 'service-changed', 'version-changed', 'certificate-changed'] as const
export const VERDICTS = ['confirmed', 'unconfirmed', 'flapping'] as const

export const Place = z
  .strictObject({
    vantage: z.string(),
    ip: z.string(),
    transport: z.enum(['tcp', 'udp']),
    port: z.int(),
  })
  .meta({ id: 'Place', description: 'An endpoint as seen from one place.' })

export const Snapshot = z
  .strictObject({
    state: z.enum(['open', 'closed', 'filtered', 'open|filtered']),
    service: text,
    product: text,
    version: text,
    info: text,
    os: text,
    hostname: text,
    cpe: z.array(z.string()),
    certificate: z.strictObject({ sha256: z.string(), notAfter: text }).nullable(),
  })
  .meta({ id: 'Snapshot', description: 'One side of a change.' })
export type Snapshot = z.output<typeof Snapshot>

export const Change = z
  .strictObject({
    id,
    kind: z.enum(KINDS),
    verdict: z.enum(VERDICTS).meta({
      description:
        '`confirmed`: a second look agrees; `unconfirmed`: it does not, or there was none; `flapping`: the endpoint comes and goes, and has done so several times within a day.',
    }),
    at: moment,
    scanId: id,
    endpointId: id,
    endpoint: Place,
    before: Snapshot.nullable(),
    after: Snapshot.nullable(),
  })
  .meta({ id: 'Change' })
export type Change = z.output<typeof Change>

export const ChangePage = pageOf(Change, 'ChangePage')

export const ListChanges = z.strictObject({
  kind: queryList(z.enum(KINDS)).optional(),
  verdict: queryList(z.enum(VERDICTS)).optional(),
  vantage: line({ max: 63 }).optional(),
  net: cidr.optional().meta({ description: 'A CIDR block the address lies in.', examples: ['127.0.0.0/8'] }),
  port: queryInteger({ min: 0, max: 65_535 }).optional(),
  scanId: id.optional(),
  since: moment.optional().meta({ description: 'At this moment or later.' }),
  until: moment.optional().meta({ description: 'Before this moment.' }),
  order: z.enum(['newest', 'oldest']).default('newest'),
  ...paging,
})
export type ListChanges = z.output<typeof ListChanges>
