import { z } from 'zod'
import { Place } from '../changes/schema.ts'
import { Counts } from '../http/counts.ts'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment, queryBoolean, queryList } from '../http/text.ts'
import { SEVERITIES } from '../policies/schema.ts'

export const STATUSES = ['open', 'acknowledged', 'snoozed', 'resolved'] as const
const text = z.string().nullable()

export const Finding = z
  .strictObject({
    id,
    policyId: id,
    ruleId: z.string().meta({ description: '`otherwise`: no rule allows it.' }),
    severity: z.enum(SEVERITIES),
    status: z.enum(STATUSES),
    endpoint: Place,
    endpointId: id.nullable().meta({ description: 'Null for one that must be open and was never seen.' }),
    kinds: z.array(z.string()),
    meaning: z.string().meta({ description: 'What is, and what should be.' }),
    close: z.strictObject({ ufw: z.string(), nftables: z.string(), windows: z.string() }).nullable().meta({
      description: 'The line that closes exactly this port, to run on the host; null when it should be open.',
    }),
    reason: text.meta({ description: 'Why it was acknowledged or snoozed.' }),
    assignee: text,
    snoozedUntil: moment.nullable(),
    openedAt: moment,
    updatedAt: moment,
    resolvedAt: moment.nullable(),
    revision: z.int(),
  })
  .meta({ id: 'Finding' })
export type Finding = z.output<typeof Finding>

export const FindingFacets = z
  .strictObject({ status: Counts, severity: Counts })
  .meta({ id: 'FindingFacets', description: 'All that match, not only this page.' })
export type FindingFacets = z.output<typeof FindingFacets>

export const FindingPage = z
  .strictObject({
    items: z.array(Finding),
    next: z.string().nullable().meta({ description: 'Cursor of the next page; null on the last one.' }),
    facets: FindingFacets.nullable(),
  })
  .meta({ id: 'FindingPage' })
export const FindingPath = z.strictObject({ id })

export const ListFindings = z.strictObject({
  status: queryList(z.enum(STATUSES)).optional(),
  severity: queryList(z.enum(SEVERITIES)).optional(),
  policyId: id.optional(),
  assignee: line({ max: 200 }).optional(),
  facets: queryBoolean.default(false).meta({ description: 'Count the matches by status and severity.' }),
  ...paging,
})
export type ListFindings = z.output<typeof ListFindings>

const reason = line({ max: 1000 })
export const Acknowledge = z.strictObject({ reason }).meta({ id: 'AcknowledgeFinding' })
export const Snooze = z
  .strictObject({ reason, until: moment.meta({ examples: ['2099-01-01T00:00:00.000Z'] }) })
  .meta({ id: 'SnoozeFinding' })
export const Resolve = z.strictObject({ reason }).meta({ id: 'ResolveFinding' })
export const Assign = z.strictObject({ assignee: line({ max: 200 }).nullable() }).meta({ id: 'AssignFinding' })
export const Comment = z.strictObject({ text: line({ max: 4000 }) }).meta({ id: 'CommentFinding' })

export const FindingEvent = z
  .strictObject({
    id,
    kind: z.enum(['opened', 'updated', 'acknowledged', 'snoozed', 'assigned', 'commented', 'resolved', 'reopened']),
    actor: text.meta({ description: 'The name of a key; null for the service itself.' }),
    at: moment,
    body: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'FindingEvent' })
export type FindingEvent = z.output<typeof FindingEvent>
export const FindingTimeline = pageOf(FindingEvent, 'FindingTimeline')
export const TimelineQuery = z.strictObject(paging)
