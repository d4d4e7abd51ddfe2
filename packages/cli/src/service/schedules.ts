import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT, UsageError } from '../exit.ts'
import { listOption, numberOption, textOption } from '../read-options.ts'
import { idOf } from './named.ts'
import { type Column, minute } from './output.ts'
import { EVERY, itemsOf } from './pages.ts'
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
  const [unit = 's', size = 1] = UNITS_DOWN.find(([, size]) => (everySeconds ?? 1) % size === 0) ?? []
  return `every ${(everySeconds ?? 0) / size}${unit}`
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
const UNITS_DOWN = Object.entries(UNITS).reverse()

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

/** By its name, or by its id. */
async function pathOf(call: ServiceCall) {
  const { schedule } = argumentsOf(call, 'schedule')
  const all = () => itemsOf(EVERY, (query) => take(call.client.GET('/v1/schedules', { params: { query } })))
  return { id: await idOf(schedule, 'schedule', all) }
}

const runs: Action = async (call) => {
  const path = await pathOf(call)
  const found = await itemsOf(call.options, (query) =>
    take(call.client.GET('/v1/schedules/{id}/runs', { params: { path, query } })),
  )
  call.output.list(found, RUNS, 'it has not run yet')
  return EXIT.done
}

const run: Action = async (call) => {
  const path = await pathOf(call)
  const scan = await take(call.client.POST('/v1/schedules/{id}/run', { params: { path } }))
  call.output.said(`the scan ${scan.id} is ${scan.status}`, scan)
  return EXIT.done
}

const pause: Action = async (call) =>
  shown(call, await take(call.client.POST('/v1/schedules/{id}/pause', { params: { path: await pathOf(call) } })))
const resume: Action = async (call) =>
  shown(call, await take(call.client.POST('/v1/schedules/{id}/resume', { params: { path: await pathOf(call) } })))

function shown({ output }: ServiceCall, schedule: Schedule): number {
  output.one(schedule, SHAPE)
  return EXIT.done
}

const remove: Action = async (call) => {
  const path = await pathOf(call)
  await call.client.DELETE('/v1/schedules/{id}', { params: { path } })
  call.output.said(`${call.args[0]} runs no more`, path)
  return EXIT.done
}

export const scheduleCommand = (args: readonly string[], options: Options) =>
  act({ list, create, runs, run, pause, resume, remove }, args, options)
