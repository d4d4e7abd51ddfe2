/** What a scan found, as it looks from outside. */
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { line, moment, queryBoolean, queryList } from '../http/text.ts'

const text = z.string().nullable()

export const FoundService = z
  .strictObject({
    name: z.string(),
    product: text,
    version: text,
    info: text,
    cpe: z.array(z.string()),
    tls: z.record(z.string(), z.unknown()).nullable(),
    method: text.meta({ description: '`probed`: it said so; `table`: only what usually runs on this port.' }),
    confidence: z.number().nullable(),
    vendor: text,
    os: text,
    device: text,
    hostname: text,
    facts: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'FoundService' })

export const Result = z
  .strictObject({
    ip: z.string(),
    port: z.int(),
    transport: z.enum(['tcp', 'udp']),
    state: z.enum(['open', 'closed', 'filtered', 'open|filtered']),
    reason: z.string(),
    rtt: z.number().nullable().meta({ description: 'Milliseconds.' }),
    service: FoundService.nullable(),
    detection: z
      .enum(['identified', 'unidentified', 'silent', 'tcpwrapped'])
      .nullable()
      .meta({ description: 'What asking the service gave; null: not asked.' }),
    banner: text.meta({ description: 'The start of what it sent, without control characters.' }),
    evidence: text.optional().meta({
      description: 'What it sent, byte by byte, in base64; only there when it was asked for.',
      examples: ['U1NILTIuMC1PcGVuU1NIXzkuMnAxIERlYmlhbi0yK2RlYjEydTMNCg=='],
    }),
    vantage: z.string(),
    seenAt: moment,
  })
  .meta({ id: 'Result' })
export type Result = z.output<typeof Result>

export const ResultPage = pageOf(Result, 'ResultPage')

export const FORMATS = ['json', 'ndjson', 'csv', 'xml', 'gnmap', 'masscan'] as const
export type Format = (typeof FORMATS)[number]

/** What the formats are called elsewhere. */
const ALIASES: ReadonlyMap<unknown, Format> = new Map([
  ['nmap', 'xml'],
  ['grepable', 'gnmap'],
])

export const ListResults = z.strictObject({
  state: queryList(z.enum(['open', 'closed', 'filtered', 'open|filtered'])).optional(),
  port: line({ max: 1000 }).optional().meta({ description: 'A port spec: `22`, `80,443`, `1-1024`.' }),
  transport: z.enum(['tcp', 'udp']).optional(),
  vantage: line({ max: 63 }).optional(),
  service: queryList(line({ max: 64 }))
    .optional()
    .meta({ description: 'One of these services, by name.' }),
  product: line({ max: 200 }).optional().meta({ description: 'Part of the product’s name.' }),
  host: line({ max: 255 }).optional().meta({ description: 'An address, a CIDR block, or a name the scan was given.' }),
  evidence: queryBoolean
    .default(false)
    .meta({ description: 'With the bytes that each service sent; in pages of JSON only.' }),
  format: z
    .preprocess((name) => ALIASES.get(name) ?? name, z.enum(FORMATS))
    .optional()
    .meta({
      description:
        'Beats Accept. All but json stream everything at once. `nmap` is another name of xml, `grepable` of gnmap.',
    }),
  ...paging,
})

/** Where a page starts: the last row of the page before. */
export const Position = z.tuple([z.string(), z.int(), z.enum(['tcp', 'udp']), z.string()])
export type Position = z.output<typeof Position>
