import type { Query } from '@portolan/core/exposure/query/query.ts'
import type { AddressSet } from '@portolan/core/target/address-set.ts'
import { loadTags } from '@portolan/db/host-labels.ts'
import type { Pool } from 'pg'
import { conditionsOf } from './conditions.ts'
import { wrongSearch } from './wrong-search.ts'

/** The addresses of every tag a search names. Throws a `validation` problem for one there is not. */
export async function taggedIn(pool: Pool, projectId: string, query: Query): Promise<ReadonlyMap<string, AddressSet>> {
  const wanted = conditionsOf(query).flatMap((one) => (one.field === 'tag' ? [one.tag] : []))
  if (wanted.length === 0) return new Map()
  const tags = new Map((await loadTags(pool, projectId)).map(({ name, addresses }) => [name, addresses]))
  const unknown = wanted.find((tag) => !tags.has(tag))
  if (unknown === undefined) return tags
  const known = tags.size === 0 ? 'there are none yet' : `tags are ${[...tags.keys()].join(', ')}`
  const detail = `there is no tag ${JSON.stringify(unknown.slice(0, 40))}; ${known}`
  throw wrongSearch(detail)
}
