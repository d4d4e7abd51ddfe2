import { parseAddress } from '@portolan/core/target/address.ts'
import { z } from 'zod'
import { Change } from '../changes/schema.ts'
import { Endpoint } from '../endpoints/schema.ts'
import { pageOf, paging } from '../http/cursor.ts'
import { cidr } from '../http/network.ts'
import { line, moment, queryBoolean } from '../http/text.ts'

const about = {
  ip: z.string(),
  hostnames: z.array(z.string()).meta({ description: 'What its services call the host.' }),
  names: z.array(z.string()).meta({ description: 'What it was scanned under, as far as these names still led to it.' }),
  tags: z.array(z.string()),
  os: z.array(z.string()).meta({ description: 'What its services say it runs.' }),
  vantages: z.array(z.string()),
  open: z.int().meta({ description: 'Endpoints open now, counted per vantage.' }),
  allPortsOpen: z.boolean().meta({
    description:
      'It opened every TCP port it was last asked, control ports included: a firewall, proxy or tarpit answers for it, so these are not reported one by one.',
  }),
  firstSeen: moment,
  lastSeen: moment,
  lastChanged: moment,
}

export const Host = z.strictObject(about).meta({ id: 'Host' })
export type Host = z.output<typeof Host>
export const HostPage = pageOf(Host, 'HostPage')

export const HostStory = z
  .strictObject({
    ...about,
    endpoints: z.array(Endpoint).meta({ description: 'By port; the first 5,000 of a host that opens everything.' }),
    changes: z.array(Change).meta({ description: 'Newest first, the last 200; /v1/changes?net= has all of them.' }),
  })
  .meta({ id: 'HostStory' })

export const ListHosts = z.strictObject({
  net: cidr.optional().meta({ description: 'Only addresses in this block.', examples: ['127.0.0.0/8'] }),
  open: queryBoolean.default(true).meta({ description: 'Only hosts with something open; `false` for all ever seen.' }),
  ...paging,
})

export const HostPath = z.strictObject({
  ip: line({ max: 45 })
    .refine((text) => parseAddress(text).ok, 'must be an IPv4 or IPv6 address')
    .meta({ examples: ['127.0.0.1'] }),
})
