import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { flagOption, listOption } from '../read-options.ts'
import { wrapped } from '../wrapped.ts'
import { type Column, minute } from './output.ts'
import { itemsOf } from './pages.ts'
import { placeText, severityStyle } from './places.ts'
import { type Action, act, argumentsOf, type ServiceCall } from './service-call.ts'

type Finding = Schemas['Finding']

const SHAPE: readonly Column<Finding>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'SEVERITY', cell: ({ severity }) => severity, style: severityStyle },
  { title: 'STATUS', cell: ({ status }) => status },
  { title: 'ENDPOINT', cell: ({ endpoint }) => placeText(endpoint) },
  { title: 'SINCE', cell: ({ openedAt }) => minute(openedAt) },
  { title: 'MEANING', least: 24, cell: ({ meaning }) => meaning },
]

const STATUSES = ['open', 'acknowledged', 'snoozed', 'resolved'] as const
const LEVELS = ['info', 'low', 'medium', 'high', 'critical'] as const

function chosen<T extends string>(options: Options, name: string, known: readonly T[]): T[] {
  return listOption(options, name).map((text) => {
    const found = known.find((one) => one === text)
    if (found === undefined)
      throw new UsageError(`--${name} is one of ${known.join(', ')}, not ${JSON.stringify(text)}`)
    return found
  })
}

const list: Action = async ({ client, options, output }) => {
  const statuses = chosen(options, 'status', STATUSES)
  const severities = chosen(options, 'severity', LEVELS)
  const status = statuses.length > 0 ? statuses : ['open' as const]
  const query = { status, ...(severities.length > 0 && { severity: severities }) }
  const findings = await itemsOf(options, (paging) =>
    take(client.GET('/v1/findings', { params: { query: { ...query, ...paging } } })),
  )
  output.list(findings, SHAPE, `nothing is ${status.join(' or ')}`)
  return findings.length > 0 && flagOption(options, 'exitCode') ? EXIT.policy : EXIT.done
}

const show: Action = async (call) => {
  const { id } = argumentsOf(call, 'id')
  const { client, output } = call
  const finding = await take(client.GET('/v1/findings/{id}', { params: { path: { id } } }))
  const query = { limit: 1000 }
  const timeline = await take(client.GET('/v1/findings/{id}/timeline', { params: { path: { id }, query } }))
  output.said(asText(finding, timeline.items, output.terminal.width), { ...finding, timeline: timeline.items })
  return EXIT.done
}

function asText(finding: Finding, timeline: readonly Schemas['FindingEvent'][], width: number): string {
  const { severity, status, endpoint, meaning, close } = finding
  const fixes = close === null ? [] : Object.entries(close).map(([tool, line]) => `  ${tool.padEnd(9)} ${line}`)
  const events = timeline.map(({ at, kind, actor, body }) => {
    const note = body?.reason ?? body?.text ?? ''
    return `  ${minute(at)}  ${kind}${actor === null ? '' : ` by ${actor}`}${note === '' ? '' : `: ${note}`}`
  })
  const head = `${placeText(endpoint)} from ${endpoint.vantage}: ${severity}, ${status}`
  return [head, wrapped(meaning, width, 0), ...(fixes.length > 0 ? ['Close it:', ...fixes] : []), ...events].join('\n')
}

/** What people do to a finding, each with the words it takes. */
const acknowledge: Action = async (call) => {
  const { id, reason } = argumentsOf(call, 'id', 'reason')
  return done(
    call,
    await take(call.client.POST('/v1/findings/{id}/acknowledge', { params: { path: { id } }, body: { reason } })),
  )
}

const snooze: Action = async (call) => {
  const { id, until, reason } = argumentsOf(call, 'id', 'until', 'reason')
  const moment = momentOf(until)
  const body = { reason, until: moment }
  return done(call, await take(call.client.POST('/v1/findings/{id}/snooze', { params: { path: { id } }, body })))
}

const resolve: Action = async (call) => {
  const { id, reason } = argumentsOf(call, 'id', 'reason')
  return done(
    call,
    await take(call.client.POST('/v1/findings/{id}/resolve', { params: { path: { id } }, body: { reason } })),
  )
}

const assign: Action = async (call) => {
  const { id, assignee } = argumentsOf(call, 'id', 'assignee')
  const body = { assignee: assignee === '-' ? null : assignee }
  return done(call, await take(call.client.POST('/v1/findings/{id}/assign', { params: { path: { id } }, body })))
}

const comment: Action = async (call) => {
  const { id, text } = argumentsOf(call, 'id', 'text')
  return done(
    call,
    await take(call.client.POST('/v1/findings/{id}/comment', { params: { path: { id } }, body: { text } })),
  )
}

function done({ output }: ServiceCall, finding: Finding): number {
  output.one(finding, SHAPE)
  return EXIT.done
}

/** `7d`, `12h`, or a date. */
function momentOf(text: string): string {
  const [, count, unit] = /^(\d{1,4})([hdw])$/.exec(text) ?? []
  const hours = { h: 1, d: 24, w: 168 }[unit ?? ''] ?? 0
  const at = count === undefined ? new Date(text) : new Date(Date.now() + Number(count) * hours * 3_600_000)
  if (Number.isNaN(at.getTime())) throw new UsageError(`${JSON.stringify(text)} is no time: 7d, 12h or 2027-01-31`)
  return at.toISOString()
}

const ACTIONS = { list, show, acknowledge, snooze, resolve, assign, comment }

export const findingsCommand = (args: readonly string[], options: Options) => act(ACTIONS, args, options)
