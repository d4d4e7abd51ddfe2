import { formatAddress, parseAddress } from '@portolan/core/target/address.ts'
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment } from '../http/text.ts'
import { SEVERITIES } from '../policies/schema.ts'

const address = line({ max: 45 })
  .refine((text) => parseAddress(text).ok, 'must be an IPv4 or IPv6 address')
  .meta({ examples: ['127.0.0.1'] })
const transport = z.enum(['tcp', 'udp'])
const port = z.int().min(0).max(65_535)

/** The one spelling that is stored and compared. */
export function canonicalAddress(text: string): string {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new TypeError(`${text} is no address`)
  return formatAddress(parsed.value)
}

const told = (max: number) => line({ max }).nullable().default(null)

export const ReportListeners = z
  .strictObject({
    host: line({ max: 253 }).meta({ description: 'What the machine is called; its next report replaces this one.' }),
    addresses: z.array(address).min(1).max(1000).meta({ description: 'Its own, loopback left out or not.' }),
    listeners: z
      .array(
        z.strictObject({
          transport,
          address: address.meta({ description: 'The address bound; 0.0.0.0 and :: mean every one.' }),
          port,
          process: told(255),
          pid: z.int().min(1).max(4_194_304).nullable().default(null),
          user: told(255),
          unit: told(255),
          container: told(255),
        }),
      )
      .max(20_000),
  })
  .meta({ id: 'ReportListeners' })

const text = z.string().nullable()
export const Listener = z
  .strictObject({
    transport,
    address: z.string(),
    port,
    process: text,
    pid: z.int().nullable(),
    user: text,
    unit: text,
    container: text,
  })
  .meta({ id: 'Listener' })
export type Listener = z.output<typeof Listener>

export const ListenerReport = z
  .strictObject({
    id,
    host: z.string(),
    addresses: z.array(z.string()),
    reportedAt: moment,
    listeners: z.int().meta({ description: 'How many it told of.' }),
  })
  .meta({ id: 'ListenerReport' })
export type ListenerReport = z.output<typeof ListenerReport>

export const ListenerReportPage = pageOf(ListenerReport, 'ListenerReportPage')
export const ListListenerReports = z.strictObject(paging)
export const ListenerReportPath = z.strictObject({ id })

export const ExposureRow = z
  .strictObject({
    transport,
    port,
    exposure: z.enum(['reachable', 'filtered', 'local', 'elsewhere', 'unasked']).meta({
      description:
        '`reachable`: it listens and a vantage reaches it; `filtered`: it listens and nobody who asked does; `local`: it listens on loopback alone; `elsewhere`: reachable, and nothing here listens (NAT, a container, another machine); `unasked`: it listens and no scan has asked.',
    }),
    meaning: z.string(),
    listeners: z.array(Listener),
    reachableFrom: z.array(z.string()),
    filteredFrom: z.array(z.string()),
    service: text.meta({ description: 'What answers there.' }),
    findings: z.array(
      z.strictObject({
        id,
        severity: z.enum(SEVERITIES),
        ruleId: z.string(),
        meaning: z.string(),
        vantage: z.string(),
      }),
    ),
  })
  .meta({ id: 'ExposureRow' })
export type ExposureRow = z.output<typeof ExposureRow>

export const HostExposure = z
  .strictObject({
    ip: z.string(),
    host: text.meta({ description: 'Who reported; null when nobody did, and nothing is known of the inside.' }),
    reportedAt: moment.nullable(),
    scannedAt: moment.nullable().meta({ description: 'When the last scan of this address ended.' }),
    rows: z.array(ExposureRow),
  })
  .meta({ id: 'HostExposure' })
export type HostExposure = z.output<typeof HostExposure>
