import { readPage } from '../http/cursor.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { controlOperations } from './control-routes.ts'
import { planOf } from './dry-run.ts'
import { events } from './event-route.ts'
import { listScans } from './queries.ts'
import { requireScan } from './require-scan.ts'
import { listResults } from './result-routes.ts'
import { ListScans, SCAN_EXAMPLE, Scan, ScanPage, ScanPath, ScanPlan, StartScan } from './schema.ts'
import { START_PROBLEMS, startScan } from './start-scan.ts'
import { starterOf } from './starter.ts'

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
  problems: START_PROBLEMS,
  async handle(call) {
    const { dryRun, ...request } = call.body
    return dryRun ? ok(await planOf(starterOf(call), request)) : startScan(starterOf(call), request)
  },
})

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
    const page = await readPage(parts.cursors, paging, (before, limit) => {
      const filter = { before, statuses: status, label, limit }
      return listScans(parts.db.pool, caller.projectId, filter, parts.now())
    })
    return ok(page)
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
  problems: ['not-found', ...START_PROBLEMS],
  async handle(call) {
    const scan = await requireScan(call)
    const { targets, exclude, ports, engine, services, vantages, discovery, record, priority, ...rest } = scan
    const request = { targets, exclude, ports, engine, services, vantages, discovery, record, priority }
    const wishes = {
      ...(rest.rate !== null && { rate: rest.rate }),
      ...(rest.perHostRate !== null && { perHostRate: rest.perHostRate }),
      ...(rest.label !== null && { label: rest.label }),
      ...(rest.timeoutSeconds !== null && { timeoutSeconds: rest.timeoutSeconds }),
      ...(rest.windows !== null && { windows: rest.windows }),
    }
    return startScan(starterOf(call), { ...request, ...wishes }, { rerunOf: rest.id })
  },
})

export const scanOperations: readonly Operation[] = [start, list, get, ...controlOperations, rerun, listResults, events]
