/** What people are told of: its types, and who wants to hear it. */
import { parseAddress } from '#core/target/address.ts'
import { contains, spanOfCidr } from '#core/target/address-set.ts'
import { parseCidr } from '#core/target/cidr.ts'
import type { Severity } from './policy.ts'
import type { EndpointKey } from './sighting.ts'

export const NEWS_TYPES = [
  'change.opened',
  'change.closed',
  'change.service-changed',
  'change.version-changed',
  'change.certificate-changed',
  'change.flapping',
  'finding.opened',
  'finding.updated',
  'finding.resolved',
  'finding.reopened',
  'scan.completed',
  'scan.partial',
  'scan.failed',
  'scan.cancelled',
  'schedule.skipped',
] as const
export type NewsType = (typeof NEWS_TYPES)[number]

/** What a subscription may ask for: a type, all of a kind (`change.*`), or everything. */
export const NEWS_PATTERNS: readonly string[] = [
  '*',
  ...new Set(NEWS_TYPES.map((type) => `${type.slice(0, type.indexOf('.'))}.*`)),
  ...NEWS_TYPES,
]

export type News = {
  readonly type: NewsType
  /** The same news has the same key, whoever tells it. */
  readonly key: string
  /** ISO 8601. */
  readonly at: string
  /** One line for people. Holds text of scanned hosts: escape it for where it is shown. */
  readonly text: string
  /** Of a finding. */
  readonly severity: Severity | null
  /** What it is about; null for a whole scan. News of one place is told in order. */
  readonly place: EndpointKey | null
  readonly scheduleId: string | null
  /** The change, finding or scan itself, as JSON. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Unset: no condition. News that has no such property (a scan has no place) is not kept back by it. */
export type NewsFilter = {
  /** CIDR blocks. */
  readonly networks?: readonly string[] | undefined
  readonly vantages?: readonly string[] | undefined
  readonly scheduleIds?: readonly string[] | undefined
  readonly minSeverity?: Severity | undefined
}

export const SEVERITY_ORDER: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical']

export function wants(patterns: readonly string[], filter: NewsFilter, news: News): boolean {
  const kind = `${news.type.slice(0, news.type.indexOf('.'))}.*`
  if (!patterns.some((pattern) => pattern === '*' || pattern === news.type || pattern === kind)) return false
  const { networks, vantages, scheduleIds, minSeverity } = filter
  const { place, severity, scheduleId } = news
  if (place !== null && networks !== undefined && !networks.some((cidr) => lies(place.ip, cidr))) return false
  if (place !== null && vantages !== undefined && !vantages.includes(place.vantage)) return false
  if (scheduleIds !== undefined && (scheduleId === null || !scheduleIds.includes(scheduleId))) return false
  if (severity === null || minSeverity === undefined) return true
  return SEVERITY_ORDER.indexOf(severity) >= SEVERITY_ORDER.indexOf(minSeverity)
}

function lies(ip: string, cidr: string): boolean {
  const [address, block] = [parseAddress(ip), parseCidr(cidr)]
  return address.ok && block.ok && contains({ spans: [spanOfCidr(block.value)] }, address.value)
}
