import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { listOption, numberOption, textOption } from '../read-options.ts'
import { type Column, minute } from './output.ts'
import { itemsOf } from './pages.ts'
import { type Action, act, argumentsOf, type ServiceCall } from './service-call.ts'

type Schedule = Schemas['Schedule']

const SHAPE: readonly Column<Schedule>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'NAME', least: 12, cell: ({ name }) => name },
  { title: 'WHEN', least: 12, cell: whenText },
  { title: 'NEXT', cell: ({ paused, nextRuns }) => (paused ? 'paused' : minute(nextRuns[0])) },
  { title: 'LAST', least: 10, cell: ({ lastRun }) => (lastRun ? runText(lastRun) : 'never') },
  { title: 'TARGETS', least: 16, cell: ({ scan }) => scan.targets.join(' ') },
]

function whenText({ cron, everySeconds, timeZone }: Schedule): string {
  if (cron !== null) return `${cron} (${timeZone})`
  return `every ${everySeconds} s`
}

const runText = ({ dueAt, outcome, scanStatus }: Schemas['ScheduleRun']): string =>
  `${minute(dueAt)} ${scanStatus ?? outcome}`

const RUNS: readonly Column<Schemas['ScheduleRun']>[] = [
  { title: 'DUE', cell: ({ dueAt }) => minute(dueAt) },
  { title: 'OUTCOME', cell: ({ outcome, scanStatus }) => scanStatus ?? outcome },
  { title: 'SCAN', cell: ({ scanId }) => scanId },
  { title: 'WHY', least: 16, cell: ({ reason }) => reason },
]

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** `30m`, `6h`, `1d`: in seconds. */
function interval(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count === undefined)
    throw new UsageError(`--every takes a time such as 30m, 6h or 1d, not ${JSON.stringify(text)}`)
  return Number(count) * (UNITS[unit] ?? 1)
}

const list: Action = async ({ client, options, output }) => {
  const schedules = await itemsOf(options, (query) => take(client.GET('/v1/schedules', { params: { query } })))
  output.list(schedules, SHAPE, 'nothing is scheduled')
  return EXIT.done
}

const create: Action = async ({ client, args: [name, ...targets], options, output }) => {
  const [cron, every, zone] = ['cron', 'every', 'zone'].map((option) => textOption(options, option))
  if (name === undefined || targets.length === 0) throw new UsageError('say the name, and what to scan')
  if ((cron === undefined) === (every === undefined))
    throw new UsageError('say when: --every 6h, or --cron "30 2 * * *"')
  const rate = numberOption(options, 'rate', { least: 1, most: 10_000_000 })
  const scan = {
    targets,
    ...(textOption(options, 'ports') !== undefined && { ports: textOption(options, 'ports') ?? '' }),
    ...(listOption(options, 'exclude').length > 0 && { exclude: [...listOption(options, 'exclude')] }),
    ...(rate !== undefined && { rate }),
  }
  const when = every === undefined ? { cron: cron ?? null } : { everySeconds: interval(every) }
  const body = { name, scan, ...when, ...(zone !== undefined && { timeZone: zone }) }
  const made = await take(client.POST('/v1/schedules', { body }))
  if (!('id' in made)) throw new Error('the service made no schedule')
  output.one(made, SHAPE)
  return EXIT.done
}

const runs: Action = async (call) => {
  const { id } = argumentsOf(call, 'id')
  const found = await itemsOf(call.options, (query) =>
    take(call.client.GET('/v1/schedules/{id}/runs', { params: { path: { id }, query } })),
  )
  call.output.list(found, RUNS, 'it has not run yet')
  return EXIT.done
}

const run: Action = async (call) => {
  const { id } = argumentsOf(call, 'id')
  const scan = await take(call.client.POST('/v1/schedules/{id}/run', { params: { path: { id } } }))
  call.output.said(`the scan ${scan.id} is ${scan.status}`, scan)
  return EXIT.done
}

const pause: Action = async (call) =>
  shown(call, await take(call.client.POST('/v1/schedules/{id}/pause', pathOf(call))))
const resume: Action = async (call) =>
  shown(call, await take(call.client.POST('/v1/schedules/{id}/resume', pathOf(call))))

const pathOf = (call: ServiceCall) => ({ params: { path: argumentsOf(call, 'id') } })

function shown({ output }: ServiceCall, schedule: Schedule): number {
  output.one(schedule, SHAPE)
  return EXIT.done
}

const remove: Action = async (call) => {
  const { id } = argumentsOf(call, 'id')
  await call.client.DELETE('/v1/schedules/{id}', { params: { path: { id } } })
  call.output.said(`${id} runs no more`, { id })
  return EXIT.done
}

export const scheduleCommand = (args: readonly string[], options: Options) =>
  act({ list, create, runs, run, pause, resume, remove }, args, options)
