import { ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { DiffPath, DiffPosition, DiffQuery, diffPage, ScanDiff } from './diff.ts'

export const diffScans = operation({
  id: 'diffScans',
  method: 'get',
  path: '/v1/scans/{a}/diff/{b}',
  tag: 'History',
  access: 'read',
  summary: 'Compare two scans',
  description:
    'What opened, closed and changed from the first to the second, and what cannot be compared because one of them did not look: other targets, other ports, another vantage, or a part it never reached. In pages, by address.',
  params: DiffPath,
  query: DiffQuery,
  answers: { 200: { description: 'A page of differences.', schema: ScanDiff } },
  problems: ['not-found', 'conflict'],
  async handle({ params: { a, b }, query: { limit, cursor }, caller, parts }) {
    for (const id of [a, b]) {
      const scan = await parts.scans.find(caller.projectId, id)
      if (scan === null) throw new Problem('not-found', `there is no scan ${id}`)
      if (scan.results !== 'whole')
        throw new Problem(
          'conflict',
          `the results of the scan ${id} were ${scan.results} by age; /v1/changes has what changed`,
        )
    }
    const purpose = `diff ${caller.projectId} ${a} ${b}`
    const behind = cursor === undefined ? null : parts.cursors.open(purpose, cursor, DiffPosition)
    const { diff, position } = await diffPage(parts.db.pool, { before: a, after: b, behind, limit })
    return ok({ ...diff, next: position === null ? null : parts.cursors.seal(purpose, position) })
  },
})
