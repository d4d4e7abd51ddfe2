/** An endpoint over time, as it is now or was at a moment. */
import { z } from 'zod'
import { Change } from '../changes/schema.ts'
import { paging } from '../http/cursor.ts'
import { id, moment } from '../http/text.ts'

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
    lastScanId: id.nullable(),
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
