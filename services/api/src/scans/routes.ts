import { idBehind, pageById } from '../http/cursor.ts'
import { type Call, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { sendEvents } from '../http/sse.ts'
import { controlScan, type Wish } from './control-scan.ts'
import { followScan } from './follow-scan.ts'
import { describeAnswers } from './prepare-scan.ts'
import { listScans } from './queries.ts'
import { listResults } from './result-routes.ts'
import { Result } from './result-schema.ts'
import {
  ListScans,
  SCAN_EXAMPLE,
  Scan,
  ScanEnd,
  ScanMoment,
  ScanPage,
  ScanPath,
  ScanPlan,
  type ScanRequest,
  StartScan,
} from './schema.ts'
import { prepare, startScan } from './start-scan.ts'

const TAG = 'Scans'

const start = operation({
  id: 'startScan',
  method: 'post',
  path: '/v1/scans',
  tag: TAG,
  access: 'scan',
  summary: 'Start a scan',
  description:
    'Names are resolved once and pinned, every address is checked against the scope, and the scan is queued. With `dryRun` nothing is written and the answer says what would happen.',
  body: StartScan,
  bodyExample: SCAN_EXAMPLE,
  idempotent: true,
  answers: {
    200: { description: 'What the scan would do (`dryRun`).', schema: ScanPlan },
    202: { description: 'Queued.', schema: Scan, headers: { Location: 'The scan.' } },
  },
  problems: [
    'out-of-scope',
    'unresolvable-name',
    'nothing-to-scan',
    'discovery-required',
    'too-large',
    'quota-exceeded',
  ],
  async handle(call) {
    const { dryRun, ...request } = call.body
    return dryRun ? ok(await planOf(call, request)) : startScan(call, request)
  },
})

/** Probes per second, for the estimate alone: a connect scan of one worker over a LAN; raw packets go faster. */
const USUAL_RATE = 5_000

async function planOf(call: Call<unknown, unknown, unknown>, request: ScanRequest): Promise<ScanPlan> {
  const { hosts, ports, portText, probes, refused, fatal, answers } = await prepare(call, request)
  const count = (ranges: readonly { first: number; last: number }[]) =>
    ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  return {
    hosts: Number(hosts),
    ports: { tcp: count(ports.tcp), udp: count(ports.udp), spec: portText },
    probes: Number(probes),
    estimatedSeconds: Math.ceil(Number(probes) / (request.rate ?? USUAL_RATE)),
    accepted: fatal === null,
    refused: [...refused],
    resolved: describeAnswers(answers),
  }
}

const list = operation({
  id: 'listScans',
  method: 'get',
  path: '/v1/scans',
  tag: TAG,
  access: 'read',
  summary: 'List scans',
  description: 'Newest first.',
  query: ListScans,
  answers: { 200: { description: 'A page of scans.', schema: ScanPage } },
  async handle({ query, caller, parts }) {
    const { status = null, label = null, limit, cursor } = query
    const paging = { purpose: `scans ${caller.projectId}`, limit, cursor }
    const before = idBehind(parts.cursors, paging)
    const filter = { before, statuses: status, label, limit: limit + 1 }
    const rows = await listScans(parts.db.pool, caller.projectId, filter, parts.now())
    return ok(pageById(parts.cursors, rows, paging))
  },
})

const get = operation({
  id: 'getScan',
  method: 'get',
  path: '/v1/scans/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read a scan',
  description: 'With its progress and, once it has ended, its summary.',
  params: ScanPath,
  answers: { 200: { description: 'The scan.', schema: Scan } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireScan(call))
  },
})

async function requireScan({ parts, caller, params }: Call<{ id: string }, unknown, unknown>): Promise<Scan> {
  const scan = await parts.scans.find(caller.projectId, params.id)
  if (scan === null) throw new Problem('not-found', `there is no scan ${params.id}`)
  return scan
}

const control = (verb: 'cancel' | 'pause' | 'resume', wish: Wish, description: string): Operation =>
  operation({
    id: `${verb}Scan`,
    method: 'post',
    path: `/v1/scans/{id}/${verb}`,
    tag: TAG,
    access: 'scan',
    summary: `${verb[0]?.toUpperCase()}${verb.slice(1)} a scan`,
    description,
    params: ScanPath,
    answers: { 202: { description: 'The scan; its status follows within a second.', schema: Scan } },
    problems: ['not-found', 'conflict'],
    async handle(call) {
      return { status: 202, body: await controlScan(call, wish) }
    },
  })

const rerun = operation({
  id: 'rerunScan',
  method: 'post',
  path: '/v1/scans/{id}/rerun',
  tag: TAG,
  access: 'scan',
  summary: 'Run a scan again',
  description: 'A new scan with the same request; names are resolved and the scope is checked anew.',
  params: ScanPath,
  idempotent: true,
  answers: { 202: { description: 'Queued.', schema: Scan, headers: { Location: 'The new scan.' } } },
  problems: ['not-found', 'out-of-scope', 'unresolvable-name', 'nothing-to-scan', 'discovery-required', 'too-large'],
  async handle(call) {
    const { targets, exclude, ports, engine, services, vantages, discovery, record, priority, ...rest } =
      await requireScan(call)
    const request = { targets, exclude, ports, engine, services, vantages, discovery, record, priority }
    const wishes = {
      ...(rest.rate !== null && { rate: rest.rate }),
      ...(rest.perHostRate !== null && { perHostRate: rest.perHostRate }),
      ...(rest.label !== null && { label: rest.label }),
    }
    return startScan(call, { ...request, ...wishes }, rest.id)
  },
})

const events = operation({
  id: 'followScan',
  method: 'get',
  path: '/v1/scans/{id}/events',
  tag: TAG,
  access: 'read',
  summary: 'Follow a scan',
  description:
    'Server-sent events: `progress`, `port` for each open port (again when its service is known), `done`. Send `Last-Event-ID` to go on where a connection broke; a port may then come twice.',
  params: ScanPath,
  answers: {
    200: {
      description: 'The stream; it ends after `done`.',
      media: ['text/event-stream'],
      events: { progress: ScanMoment, port: Result, done: ScanEnd },
    },
  },
  problems: ['not-found'],
  async handle(call) {
    const { id } = await requireScan(call)
    const { parts, caller, request, response } = call
    const last = request.headers['last-event-id']
    const since = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : null
    return parts.streams.run(response, () =>
      sendEvents(response, (signal) => followScan(parts, { projectId: caller.projectId, scanId: id, since, signal })),
    )
  },
})

export const scanOperations: readonly Operation[] = [
  start,
  list,
  get,
  control('cancel', 'cancel', 'What was found so far is kept. Idempotent.'),
  control('pause', 'pause', 'Workers stop within a second and remember where they were. Idempotent.'),
  control('resume', 'run', 'Goes on where the pause stopped it. Idempotent.'),
  rerun,
  listResults,
  events,
]
