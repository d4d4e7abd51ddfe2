import { changesOf } from '../changes/queries.ts'
import { readPage } from '../http/cursor.ts'
import { type Call, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { facetsIn, facetsOf } from './facets.ts'
import { findEndpoint } from './queries.ts'
import {
  EndpointHistory,
  EndpointHistoryQuery,
  EndpointPage,
  EndpointPath,
  EndpointPosition,
  Endpoint as EndpointSchema,
  SearchEndpoints,
} from './schema.ts'
import { readSearch, searchEndpoints } from './search.ts'
import { prepare } from './search-source.ts'

const TAG = 'History'

const search = operation({
  id: 'searchEndpoints',
  method: 'get',
  path: '/v1/endpoints',
  tag: TAG,
  access: 'read',
  summary: 'Search endpoints',
  description:
    'Everything ever seen open, as it is now or was at any past moment. A search that cannot be read is answered with the place of the mistake and what may have been meant. An answer does not wait until all of a large installation is looked through: a page may have fewer endpoints than asked for, or none, and still have a `next` to go on with.',
  query: SearchEndpoints,
  answers: { 200: { description: 'A page of endpoints.', schema: EndpointPage } },
  async handle({ query: { q, at = null, sort, facets, limit, cursor }, caller, parts }) {
    const { pool } = parts.db
    const moment = at === null ? parts.now() : new Date(at)
    const wanted = await prepare(pool, { projectId: caller.projectId, query: readSearch(q, moment), at })
    const purpose = `endpoints ${caller.projectId} ${sort}`
    const behind = cursor === undefined ? null : parts.cursors.open(purpose, cursor, EndpointPosition)
    const page = await searchEndpoints(pool, wanted, { sort, behind, limit })
    const isAll = behind === null && page.behind === null
    const counted = facets ? (isAll ? facetsIn(page.items) : await facetsOf(pool, wanted)) : null
    const next = page.behind === null ? null : parts.cursors.seal(purpose, page.behind)
    return ok({ items: page.items, next, facets: counted })
  },
})

const get = operation({
  id: 'getEndpoint',
  method: 'get',
  path: '/v1/endpoints/{id}',
  tag: TAG,
  access: 'read',
  summary: 'Read an endpoint',
  description: 'One port of one address as seen from one place: what is there now, since when, last seen when.',
  params: EndpointPath,
  answers: { 200: { description: 'The endpoint.', schema: EndpointSchema } },
  problems: ['not-found'],
  async handle(call) {
    return ok(await requireEndpoint(call))
  },
})

async function requireEndpoint({ parts, caller, params }: Call<{ id: string }, unknown, unknown>) {
  const endpoint = await findEndpoint(parts.db.pool, caller.projectId, params.id)
  if (endpoint === null) throw new Problem('not-found', `there is no endpoint ${params.id}`)
  return endpoint
}

const history = operation({
  id: 'endpointHistory',
  method: 'get',
  path: '/v1/endpoints/{id}/history',
  tag: TAG,
  access: 'read',
  summary: 'Read an endpoint’s history',
  description: 'The endpoint and everything that changed about it, newest first.',
  params: EndpointPath,
  query: EndpointHistoryQuery,
  answers: { 200: { description: 'The endpoint and a page of its changes.', schema: EndpointHistory } },
  problems: ['not-found'],
  async handle(call) {
    const { parts, params, query } = call
    const endpoint = await requireEndpoint(call)
    const paging = { purpose: `history ${params.id}`, ...query }
    const page = await readPage(parts.cursors, paging, (behind, limit) =>
      changesOf(parts.db.pool, params.id, behind, limit),
    )
    return ok({ endpoint, ...page })
  },
})

export const endpointOperations: readonly Operation[] = [search, get, history]
