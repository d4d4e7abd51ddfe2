/** From where a search reads, and which rows. */
import type { Query } from '@portolan/core/exposure/query/query.ts'
import type { Pool } from 'pg'
import { endpointsAtMoment } from './at-moment.ts'
import { changedSince } from './changed-since.ts'
import { compileQuery, type Labels, type Parameters } from './compile-query.ts'
import { namedIn } from './named-in.ts'
import { type ChangedSince, onceWas } from './once-was.ts'
import { taggedIn } from './tagged-in.ts'
import { valuedIn } from './valued-in.ts'

export interface Search {
  readonly projectId: string
  readonly query: Query | null
  readonly at: string | null
}

/** A search and all that has to be looked up before it can be planned well. */
export interface Prepared extends Search {
  readonly labels: Labels
  readonly changed: ChangedSince
}

export async function prepare(pool: Pool, search: Search): Promise<Prepared> {
  const { projectId, query, at } = search
  if (query === null)
    return {
      ...search,
      labels: { projectId, tagged: new Map(), named: new Map(), values: new Map() },
      changed: new Map(),
    }
  const [tagged, named, values, changed] = await Promise.all([
    taggedIn(pool, projectId, query),
    namedIn(pool, projectId, query),
    // What there was once is not among what there is.
    at === null ? valuedIn(pool, projectId, query) : new Map(),
    at === null ? new Map() : changedSince(pool, { projectId, at }, query),
  ])
  return { ...search, labels: { projectId, tagged, named, values }, changed }
}

/** FROM and WHERE. `endpoints`: a table with its columns. */
export function sourceOf(search: Prepared, parameters: Parameters, endpoints = 'endpoints'): string {
  const { projectId, query, at, labels } = search
  const condition = query === null ? 'true' : compileQuery(query, parameters, labels)
  const project = `e.project_id = ${parameters.add(projectId)}`
  if (at === null) return `${endpoints} e WHERE ${project} AND ${condition}`
  const may = query === null ? 'true' : onceWas(query, parameters, search)
  return `${endpointsAtMoment(parameters.add(at), { endpoints, may })} e WHERE ${project} AND ${condition}`
}
