/** What may be wished of a scan that is under way. */
import { type Operation, ok, operation } from '../http/operation.ts'
import { changeScan } from './change-scan.ts'
import { controlScan, type Wish } from './control-scan.ts'
import { ChangeScan, Scan, ScanPath } from './schema.ts'

const TAG = 'Scans'

const change = operation({
  id: 'changeScan',
  method: 'patch',
  path: '/v1/scans/{id}',
  tag: TAG,
  access: 'scan',
  summary: 'Change the rates of a scan',
  description: 'Takes effect within two seconds, on every worker, while it runs. Fields left out stay as they are.',
  params: ScanPath,
  body: ChangeScan,
  bodyExample: { rate: 500 },
  conditional: true,
  answers: { 200: { description: 'The scan as it is now.', schema: Scan } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  handle: async (call) => ok(await changeScan(call)),
})

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

export const controlOperations: readonly Operation[] = [
  change,
  control('cancel', 'cancel', 'What was found so far is kept. Idempotent.'),
  control('pause', 'pause', 'Workers stop within a second and remember where they were. Idempotent.'),
  control('resume', 'run', 'Goes on where the pause stopped it. Idempotent.'),
]
