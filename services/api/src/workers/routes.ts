import { z } from 'zod'
import { type Operation, ok, operation } from '../http/operation.ts'
import { id, moment } from '../http/text.ts'
import { listWorkers } from './queries.ts'

export const Worker = z
  .strictObject({
    id,
    name: z.string(),
    vantage: z.string(),
    version: z.string(),
    capabilities: z.record(z.string(), z.unknown()),
    addresses: z.array(z.string()),
    load: z.record(z.string(), z.unknown()).nullable(),
    startedAt: moment,
    heartbeatAt: moment,
    alive: z.boolean().meta({ description: 'Whether its last sign of life is recent.' }),
  })
  .meta({ id: 'Worker' })
export type Worker = z.output<typeof Worker>

const list = operation({
  id: 'listWorkers',
  method: 'get',
  path: '/v1/workers',
  tag: 'Workers',
  access: 'read',
  summary: 'List workers',
  description: 'Who scans, from which vantage, able to do what, and when each was last heard of.',
  answers: {
    200: { description: 'All workers.', schema: z.strictObject({ items: z.array(Worker) }).meta({ id: 'WorkerList' }) },
  },
  async handle({ parts }) {
    return ok({ items: await listWorkers(parts.db.prisma, parts.now()) })
  },
})

export const workerOperations: readonly Operation[] = [list]
