/** What a scan looks like from outside. */
import { WEEKDAYS } from '@portolan/core/exposure/scan-window.ts'
import { isTimeZone } from '@portolan/core/exposure/wall-clock.ts'
import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment, queryList } from '../http/text.ts'

export const SCAN_STATUSES = [
  'queued',
  'planning',
  'running',
  'paused',
  'finishing',
  'completed',
  'partial',
  'failed',
  'cancelled',
] as const

export const ENDED: readonly string[] = ['completed', 'partial', 'failed', 'cancelled']

const count = z.number().nonnegative()
const rate = z.int().min(1).max(10_000_000)
const spec = line({ max: 1024 })
const vantage = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _')

const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day such as 22:30')

export const ScanWindows = z
  .strictObject({
    zone: line({ max: 64 })
      .refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')
      .default('UTC')
      .meta({ examples: ['Europe/Berlin', 'UTC'] }),
    ranges: z
      .array(
        z.strictObject({ days: z.array(z.enum(WEEKDAYS)).min(1).max(7).optional(), from: timeOfDay, to: timeOfDay }),
      )
      .min(1)
      .max(50),
  })
  .meta({
    id: 'ScanWindows',
    description: 'When it may run, in local time; a range that ends before it begins ends on the next day.',
  })

/** What a scan does, beside where: kept with the scan, and taken over by a rerun. */
const wishes = {
  ports: line({ max: 10_000 })
    .default('top:1000')
    .meta({ description: 'Ports in nmap’s syntax: `22,80,1-1024`, `T:22,U:53`, `-` for all, `top:100`, names.' }),
  engine: z.enum(['auto', 'syn', 'connect']).default('auto'),
  services: z
    .union([z.boolean(), z.enum(['light', 'all'])])
    .default(true)
    .meta({ description: 'Whether and how thoroughly to find out what runs on open ports.' }),
  rate: rate.optional().meta({ description: 'Probes per second, over all workers. Unset: what the path carries.' }),
  perHostRate: rate.optional().meta({ description: 'Probes per second to any one address.' }),
  vantages: z.array(vantage).min(1).max(20).default(['default']).meta({ description: 'Where to scan from.' }),
  discovery: z.boolean().default(false).meta({ description: 'Look for live hosts first, and scan only those.' }),
  record: z.enum(['open', 'all']).default('open').meta({ description: 'Which port states to store one by one.' }),
  priority: z.int().min(0).max(9).default(0).meta({ description: '0 to 9; higher goes first.' }),
  label: line({ max: 200 }).optional().meta({ description: 'A name for people.' }),
  timeoutSeconds: z.int().min(1).max(31_536_000).optional().meta({
    description: 'Seconds after its start at which it ends; what it has found by then is kept.',
  }),
  windows: ScanWindows.optional().meta({ description: 'Outside of these it waits, and goes on in the next.' }),
}

export const StartScan = z
  .strictObject({
    targets: z
      .array(spec)
      .min(1)
      .max(10_000)
      .meta({ description: 'Addresses, CIDR blocks, ranges, octet ranges, host names; IPv4 and IPv6.' }),
    exclude: z.array(spec).max(10_000).default([]).meta({ description: 'Targets to leave out, in the same syntax.' }),
    ...wishes,
    dryRun: z.boolean().default(false).meta({ description: 'Only say what would happen.' }),
  })
  .meta({ id: 'StartScan' })
export type StartScan = z.output<typeof StartScan>

export const ChangeScan = z
  .strictObject({
    rate: rate.nullable().optional().meta({ description: 'Probes per second, over all workers; null: no limit.' }),
    perHostRate: rate
      .nullable()
      .optional()
      .meta({ description: 'Probes per second to any one address; null: no limit.' }),
  })
  .meta({ id: 'ChangeScan' })
export type ChangeScan = z.output<typeof ChangeScan>

/** The part of a request that is kept. */
export const ScanRequest = StartScan.omit({ dryRun: true })
export type ScanRequest = z.output<typeof ScanRequest>

export const Refused = z
  .strictObject({
    target: z.string(),
    reason: z.enum(['do-not-scan', 'special-purpose', 'expired', 'not-in-scope', 'key-limit']),
    detail: z.string(),
    addresses: z.string().meta({ description: 'The addresses concerned, as CIDR blocks; the first few of many.' }),
  })
  .meta({ id: 'RefusedTarget' })
export type Refused = z.output<typeof Refused>

const progress = z
  .strictObject({
    probesDone: count,
    probesTotal: count,
    percent: z.number().min(0).max(100),
    etaSeconds: count.nullable(),
    rate: count.meta({ description: 'Probes per second so far.' }),
    open: count.meta({ description: 'Open ports found so far.' }),
  })
  .meta({ id: 'ScanProgress' })
export type Progress = z.output<typeof progress>

export const Scan = z
  .strictObject({
    id,
    status: z.enum(SCAN_STATUSES),
    statusReason: z.string().nullable(),
    label: z.string().nullable(),
    targets: z.array(z.string()),
    exclude: z.array(z.string()),
    ports: z.string(),
    engine: wishes.engine.unwrap(),
    services: wishes.services.unwrap(),
    rate: rate.nullable(),
    perHostRate: rate.nullable(),
    vantages: z.array(z.string()),
    discovery: z.boolean(),
    record: wishes.record.unwrap(),
    priority: z.int(),
    timeoutSeconds: z.int().nullable(),
    windows: ScanWindows.nullable(),
    hosts: count.meta({ description: 'Addresses to scan, after resolution, exclusions and merging.' }),
    probes: count.meta({ description: 'Questions to ask, over all addresses, ports and vantages.' }),
    refused: z.array(Refused).meta({ description: 'Addresses left out, and why.' }),
    progress,
    summary: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Totals, once the scan has ended.' }),
    results: z.enum(['whole', 'thinned', 'dropped']).meta({
      description: 'What retention has left of its results; see `/v1/retention`.',
    }),
    rerunOf: id.nullable(),
    scheduleId: id.nullable(),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
  })
  .meta({ id: 'Scan' })
export type Scan = z.output<typeof Scan>

/** What the events of a scan say, beside the results themselves. */
export const ScanMoment = z
  .strictObject({ status: Scan.shape.status, ...progress.shape })
  .meta({ id: 'ScanMoment', description: 'Where a scan stands.' })
export type ScanMoment = z.output<typeof ScanMoment>

export const ScanEnd = Scan.pick({ id: true, status: true, statusReason: true, progress: true, summary: true }).meta({
  id: 'ScanEnd',
  description: 'How a scan ended.',
})
export type ScanEnd = z.output<typeof ScanEnd>

export const ScanPage = pageOf(Scan, 'ScanPage')

export const ScanPlan = z
  .strictObject({
    hosts: count,
    ports: z.strictObject({ tcp: z.int(), udp: z.int(), spec: z.string() }),
    probes: count,
    estimatedSeconds: count.meta({
      description: 'At the rate asked for; without one, at 5,000 probes a second, which most paths carry.',
    }),
    accepted: z.boolean().meta({ description: 'Whether the same request without dryRun would be accepted.' }),
    refused: z.array(Refused),
    resolved: z
      .array(z.strictObject({ name: z.string(), addresses: z.array(z.string()) }))
      .meta({ description: 'Host names and the addresses they were pinned to.' }),
  })
  .meta({ id: 'ScanPlan', description: 'What a scan would do.' })
export type ScanPlan = z.output<typeof ScanPlan>

export const ScanPath = z.strictObject({ id })

export const ListScans = z.strictObject({
  status: queryList(z.enum(SCAN_STATUSES)).optional().meta({ description: 'Only scans in one of these states.' }),
  label: line({ max: 200 }).optional().meta({ description: 'Only scans with exactly this label.' }),
  ...paging,
})

export const SCAN_EXAMPLE = {
  targets: ['127.0.0.1'],
  ports: 'top:1000',
  label: 'this machine',
} as const
