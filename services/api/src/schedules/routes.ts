import { randomUUIDv7 } from 'node:crypto'
import { audit } from '../http/audit.ts'
import { readPage } from '../http/cursor.ts'
import { etagOf, requireMatch } from '../http/etag.ts'
import { type Call, created, noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { planOf } from '../scans/dry-run.ts'
import { prepare } from '../scans/start-scan.ts'
import { starterOf } from '../scans/starter.ts'
import { lastRuns, preview, refuseTaken, requireRow, type ScheduleRow, timingOf, viewOf } from './queries.ts'
import { scheduleRunOperations } from './run-routes.ts'
import { flawOfCron, flawOfJitter, runsAfter, type Timing } from './run-times.ts'
import {
  CreateSchedule,
  ListSchedules,
  SCHEDULE_EXAMPLE,
  type Schedule,
  SchedulePage,
  SchedulePath,
  SchedulePlan,
  Schedule as ScheduleSchema,
  UpdateSchedule,
} from './schema.ts'

const TAG = 'Schedules'

type Any = Call<unknown, unknown, unknown>

/** Throws `validation` for a schedule that would never run, or not as it says. */
function requireTiming(timing: Timing, now: Date): void {
  const flaw = (field: string, detail: string) =>
    new Problem('validation', `${field}: ${detail}`, { errors: [{ in: 'body', pointer: `#/${field}`, detail }] })
  if ((timing.cron === null) === (timing.everySeconds === null))
    throw flaw('cron', 'give either a cron expression or everySeconds')
  const cron = timing.cron === null ? null : flawOfCron(timing.cron, timing.timeZone)
  if (cron !== null) throw flaw('cron', cron)
  const jitter = flawOfJitter(timing, now)
  if (jitter !== null) throw flaw('jitterSeconds', jitter)
}

const nextOf = (timing: Timing, now: Date) => runsAfter(timing, now, 1)[0]?.at ?? null

async function viewWithRun({ parts }: Any, row: ScheduleRow): Promise<Schedule> {
  return viewOf(row, (await lastRuns(parts.db.pool, [row.id])).get(row.id) ?? null, parts.now())
}

async function requireScannable(call: Any, scan: CreateSchedule['scan']): Promise<void> {
  const { fatal } = await prepare(starterOf(call), scan)
  if (fatal) throw fatal
}

const REFUSALS = ['out-of-scope', 'unresolvable-name', 'nothing-to-scan', 'discovery-required', 'too-large'] as const

const create = operation({
  id: 'createSchedule',
  method: 'post',
  path: '/v1/schedules',
  tag: TAG,
  access: 'scan',
  summary: 'Scan again and again',
  description:
    'By cron on the clock of a time zone, or at an interval. Every run resolves names and checks the scope anew; one that may not run is skipped, with its reason among the runs. With `dryRun` nothing is written.',
  body: CreateSchedule,
  bodyExample: SCHEDULE_EXAMPLE,
  idempotent: true,
  answers: {
    200: { description: 'When it would run, and what a run would do (`dryRun`).', schema: SchedulePlan },
    201: { description: 'The schedule.', schema: ScheduleSchema, headers: { Location: 'The schedule.' } },
  },
  problems: ['conflict', ...REFUSALS],
  async handle(call) {
    const { parts, caller, body } = call
    const { dryRun, scan, ...rest } = body
    const now = parts.now()
    const chosen = { ...rest, id: randomUUIDv7(), createdAt: now }
    const timing = { ...chosen, windows: scan.windows ?? null }
    requireTiming(timing, now)
    if (dryRun) return ok({ nextRuns: preview(timing, now), scan: await planOf(starterOf(call), scan) })
    await requireScannable(call, scan)
    return parts.db.prisma.$transaction(async (tx) => {
      await refuseTaken(tx, caller.projectId, body.name)
      const { projectId, keyId } = caller
      const nextRunAt = body.paused ? null : nextOf(timing, now)
      const data = { ...chosen, request: scan, projectId, keyId, nextRunAt, updatedAt: now }
      const view = viewOf(await tx.schedule.create({ data }), null, now)
      await audit(tx, call, { action: 'schedule.create', targetType: 'schedule', targetId: view.id, after: view })
      return call.parts.idempotency.complete(tx, call.claim, created(`/v1/schedules/${view.id}`, view))
    })
  },
})

const list = operation({
  id: 'listSchedules',
  method: 'get',
  path: '/v1/schedules',
  tag: TAG,
  access: 'read',
  summary: 'List schedules',
  description: 'Oldest first, each with its next runs and its last one.',
  query: ListSchedules,
  answers: { 200: { description: 'A page of schedules.', schema: SchedulePage } },
  async handle({ parts, caller, query: { limit, cursor } }) {
    const paging = { purpose: `schedules ${caller.projectId}`, limit, cursor }
    const { items, next } = await readPage(parts.cursors, paging, (after, limit) => {
      const where = { projectId: caller.projectId, ...(after !== null && { id: { gt: after } }) }
      return parts.db.prisma.schedule.findMany({ where, orderBy: { id: 'asc' }, take: limit })
    })
    const runs = await lastRuns(
      parts.db.pool,
      items.map(({ id }) => id),
    )
    return ok({ items: items.map((row) => viewOf(row, runs.get(row.id) ?? null, parts.now())), next })
  },
})

const get = operation({
  id: 'getSchedule',
  method: 'get',
  path: '/v1/schedules/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read a schedule',
  description: 'With its next runs and its last one.',
  params: SchedulePath,
  answers: { 200: { description: 'The schedule.', schema: ScheduleSchema } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await viewWithRun(call, await requireRow(call, call.parts.db.prisma)))
  },
})

/** What the update asks for; the other way of saying when goes with the old one. */
function merged(row: ScheduleRow, { scan, ...given }: UpdateSchedule) {
  const other = given.cron ? { everySeconds: null } : given.everySeconds ? { cron: null } : {}
  const fields = Object.fromEntries(Object.entries({ ...other, ...given }).filter(([, value]) => value !== undefined))
  const timing = timingOf({ ...row, ...fields, ...(scan && { request: scan }) })
  return { data: { ...fields, ...(scan && { request: scan }) }, timing }
}

const update = operation({
  id: 'updateSchedule',
  method: 'patch',
  path: '/v1/schedules/{id}',
  tag: TAG,
  access: 'scan',
  summary: 'Change a schedule',
  description: 'From then on it runs on behalf of the key that changed it. A scan under way goes on as it is.',
  params: SchedulePath,
  body: UpdateSchedule,
  bodyExample: { cron: '0 3 * * 1-5' },
  conditional: true,
  answers: { 200: { description: 'The schedule as it is now.', schema: ScheduleSchema } },
  problems: ['not-found', 'conflict', 'precondition-failed', ...REFUSALS],
  async handle(call) {
    const { parts, caller, params, body } = call
    await requireRow(call, parts.db.prisma)
    if (body.scan) await requireScannable(call, body.scan)
    const now = parts.now()
    const row = await parts.db.prisma.$transaction(async (tx) => {
      const old = await requireRow(call, tx, true)
      const before = await viewWithRun(call, old)
      requireMatch(call.request, before)
      if (body.name !== undefined && body.name !== old.name) await refuseTaken(tx, caller.projectId, body.name)
      const { data, timing } = merged(old, body)
      requireTiming(timing, now)
      const nextRunAt = old.paused ? null : nextOf(timing, now)
      const changed = { ...data, keyId: caller.keyId, nextRunAt, revision: old.revision + 1, updatedAt: now }
      const row = await tx.schedule.update({ where: { id: params.id }, data: changed })
      const images = { before, after: viewOf(row, before.lastRun, now) }
      await audit(tx, call, { action: 'schedule.update', targetType: 'schedule', targetId: row.id, ...images })
      return row
    })
    const view = await viewWithRun(call, row)
    return ok(view, { ETag: etagOf(view) })
  },
})

const remove = operation({
  id: 'deleteSchedule',
  method: 'delete',
  path: '/v1/schedules/{id}',
  tag: TAG,
  access: 'scan',
  summary: 'Delete a schedule',
  description: 'With the list of its runs. Its scans, what they found, and one under way stay.',
  params: SchedulePath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'precondition-failed'],
  async handle(call) {
    const { parts, params } = call
    await parts.db.prisma.$transaction(async (tx) => {
      const before = await viewWithRun(call, await requireRow(call, tx, true))
      requireMatch(call.request, before)
      await tx.schedule.delete({ where: { id: params.id } })
      await audit(tx, call, { action: 'schedule.delete', targetType: 'schedule', targetId: params.id, before })
    })
    return noContent
  },
})

const setPaused = (verb: 'pause' | 'resume', description: string): Operation =>
  operation({
    id: `${verb}Schedule`,
    method: 'post',
    path: `/v1/schedules/{id}/${verb}`,
    tag: TAG,
    access: 'scan',
    summary: verb === 'pause' ? 'Pause a schedule' : 'Resume a schedule',
    description,
    params: SchedulePath,
    answers: { 200: { description: 'The schedule as it is now.', schema: ScheduleSchema } },
    problems: ['not-found'],
    async handle(call) {
      const { parts, params } = call
      const paused = verb === 'pause'
      const row = await parts.db.prisma.$transaction(async (tx) => {
        const old = await requireRow(call, tx, true)
        if (old.paused === paused) return old
        const now = parts.now()
        const data = {
          paused,
          nextRunAt: paused ? null : nextOf(timingOf(old), now),
          revision: old.revision + 1,
          updatedAt: now,
        }
        const target = { targetType: 'schedule', targetId: params.id }
        await audit(tx, call, {
          action: `schedule.${verb}`,
          ...target,
          before: { paused: old.paused },
          after: { paused },
        })
        return tx.schedule.update({ where: { id: params.id }, data })
      })
      return ok(await viewWithRun(call, row))
    },
  })

export const scheduleOperations: readonly Operation[] = [
  create,
  list,
  get,
  update,
  remove,
  setPaused('pause', 'It runs no more until it is resumed; a scan under way goes on. Idempotent.'),
  setPaused('resume', 'It runs again when it is next due; what was due meanwhile is not made up for. Idempotent.'),
  ...scheduleRunOperations,
]
