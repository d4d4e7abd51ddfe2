import { readPage } from '../http/cursor.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { listAudit } from './queries.ts'
import { AuditPage, ListAudit } from './schema.ts'

const list = operation({
  id: 'listAudit',
  method: 'get',
  path: '/v1/audit',
  tag: 'Audit',
  access: 'admin',
  summary: 'Who did what, from where',
  description:
    'Every write of this project, newest first. Entries are made in the transaction of the write and never change.',
  query: ListAudit,
  answers: { 200: { description: 'A page of entries.', schema: AuditPage } },
  async handle({ parts, caller, query: { limit, cursor, ...filter } }) {
    const paging = { purpose: `audit ${caller.projectId}`, limit, cursor }
    const page = await readPage(parts.cursors, paging, (before, limit) =>
      listAudit(parts.db.prisma, caller.projectId, { ...filter, before, limit }),
    )
    return ok(page)
  },
})

export const auditOperations: readonly Operation[] = [list]
