/** An endpoint over time, as it is now or was at a moment. */
import { z } from 'zod'
import { Change } from '../changes/schema.ts'
import { Counts } from '../http/counts.ts'
import { paging } from '../http/cursor.ts'
import { id, line, moment, queryBoolean } from '../http/text.ts'

const text = z.string().nullable()

export const Endpoint = z
  .strictObject({
    id,
    vantage: z.string(),
    ip: z.string(),
    transport: z.enum(['tcp', 'udp']),
    port: z.int(),
    state: z.enum(['open', 'closed', 'filtered', 'open|filtered']).meta({
      description: '`closed` also when it is no longer open and the scan did not record how it answered.',
    }),
    service: text,
    product: text,
    version: text,
    vendor: text,
    info: text,
    os: text,
    device: text,
    hostname: text,
    cpe: z.array(z.string()),
    certificate: z.strictObject({ sha256: z.string(), notAfter: moment.nullable() }).nullable(),
    banner: text.meta({ description: 'The start of what it sent, without control characters.' }),
    firstSeen: moment.meta({ description: 'First seen open.' }),
    lastSeen: moment.meta({ description: 'Last seen open.' }),
    lastChanged: moment,
    lastScanId: id.nullable().meta({ description: 'Null also at a past moment after which it was looked at again.' }),
    flaps: z.int().meta({ description: 'How often it had come or gone within a day when it last did.' }),
  })
  .meta({ id: 'Endpoint' })
export type Endpoint = z.output<typeof Endpoint>

export const EndpointPath = z.strictObject({ id })
export const EndpointHistoryQuery = z.strictObject(paging)
export const EndpointHistory = z
  .strictObject({
    endpoint: Endpoint,
    items: z.array(Change),
    next: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' }),
  })
  .meta({ id: 'EndpointHistory' })

export const SORTS = ['ip', 'port', 'changed'] as const
export type SearchSort = (typeof SORTS)[number]

export const SearchEndpoints = z.strictObject({
  q: line({ min: 0, max: 2000 })
    .default('')
    .meta({
      description:
        'What to look for: `port:22 service:ssh product:openssh version:<9.6 net:10.0.0.0/8 -vantage:office (changed:<1d OR tls.expires:<30d)`. Words are all needed; `OR`, `-` or `NOT`, parentheses and quotes do what they do elsewhere; `*` stands for anything.',
      examples: [
        'service:ssh version:<9.6',
        'state:open -port:22',
        'net:127.0.0.0/8 (changed:<1d OR tls.expires:<30d)',
      ],
    }),
  at: moment
    .optional()
    .meta({ description: 'As it was at this moment, from which ages in `q` count then; unset: as it is now.' }),
  sort: z.enum(SORTS).default('ip').meta({ description: '`changed`: what changed last comes first.' }),
  facets: queryBoolean.default(false).meta({ description: 'Count the matches by port, service, product and vantage.' }),
  ...paging,
})

export const Facets = z
  .strictObject({
    complete: z.boolean().meta({
      description: 'False when not all were counted: when there are more than 100,000, or they are hard to find.',
    }),
    hosts: z.int().meta({ description: 'Addresses with at least one match.' }),
    port: Counts,
    service: Counts,
    product: Counts,
    vantage: Counts,
  })
  .meta({ id: 'Facets', description: 'The 20 most frequent of each.' })
export type Facets = z.output<typeof Facets>

export const EndpointPage = z
  .strictObject({
    items: z.array(Endpoint),
    next: z.string().nullable().meta({
      description:
        'Cursor of the next page; null on the last one. There may be one after a page that is not full, or empty.',
    }),
    facets: Facets.nullable(),
  })
  .meta({ id: 'EndpointPage' })

/** Where a page starts: the sort key of the last row of the page before. */
export const EndpointPosition = z.array(z.string()).min(2).max(4)
