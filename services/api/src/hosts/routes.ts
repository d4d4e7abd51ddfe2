import { changesAt } from '../changes/queries.ts'
import { endpointsAt } from '../endpoints/queries.ts'
import { readPageByText } from '../http/cursor.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { findHost, listHosts } from './queries.ts'
import { HostPage, HostPath, HostStory, ListHosts } from './schema.ts'

const TAG = 'History'
const MOST_ENDPOINTS = 5_000
const MOST_CHANGES = 200

const list = operation({
  id: 'listHosts',
  method: 'get',
  path: '/v1/hosts',
  tag: TAG,
  access: 'read',
  summary: 'List hosts',
  description: 'Every address on which something was seen open, in the order of addresses.',
  query: ListHosts,
  answers: { 200: { description: 'A page of hosts.', schema: HostPage } },
  async handle({ query, caller, parts }) {
    const { limit, cursor, open, net = null } = query
    const { pool } = parts.db
    const page = { purpose: `hosts ${caller.projectId}`, limit, cursor }
    const read = (after: string | null, limit: number) => listHosts(pool, caller.projectId, { net, open, after, limit })
    return ok(await readPageByText(parts.cursors, page, read, ({ ip }) => ip))
  },
})

const get = operation({
  id: 'getHost',
  method: 'get',
  path: '/v1/hosts/{ip}',
  tag: TAG,
  access: 'read',
  summary: 'Read a host’s whole story',
  description: 'Every port ever seen open on an address, from every vantage, and what changed.',
  params: HostPath,
  answers: { 200: { description: 'The host.', schema: HostStory } },
  problems: ['not-found'],
  async handle({ params: { ip }, caller, parts }) {
    const { pool } = parts.db
    const host = await findHost(pool, caller.projectId, ip)
    if (host === null) throw new Problem('not-found', `nothing was ever seen open on ${ip}`)
    const [endpoints, changes] = await Promise.all([
      endpointsAt(pool, caller.projectId, ip, MOST_ENDPOINTS),
      changesAt(pool, caller.projectId, ip, MOST_CHANGES),
    ])
    return ok({ ...host, endpoints, changes })
  },
})

export const hostOperations: readonly Operation[] = [list, get]
