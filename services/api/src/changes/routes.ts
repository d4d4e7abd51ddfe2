import { readPage } from '../http/cursor.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { listChanges } from './queries.ts'
import { ChangePage, ListChanges } from './schema.ts'

const list = operation({
  id: 'listChanges',
  method: 'get',
  path: '/v1/changes',
  tag: 'History',
  access: 'read',
  summary: 'Read what changed',
  description:
    'Every change that a finished scan found, each once. Only what two scans both looked at is compared: a port nobody had asked for before has not opened, and one a scan did not reach has not closed.',
  query: ListChanges,
  answers: { 200: { description: 'A page of changes.', schema: ChangePage } },
  async handle({ query, caller, parts }) {
    const { limit, cursor, ...filter } = query
    const paging = { purpose: `changes ${filter.order} ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (behind, limit) =>
      listChanges(parts.db.pool, caller.projectId, { filter, behind, limit }),
    )
    return ok(page)
  },
})

export const changeOperations: readonly Operation[] = [list]
