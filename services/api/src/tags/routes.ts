import { audit } from '../http/audit.ts'
import { readPageByText } from '../http/cursor.ts'
import { etagOf, requireMatch } from '../http/etag.ts'
import { noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { findTag, refuseUsed, requireTag, viewOf } from './queries.ts'
import { ListTags, MOST_TAGS, SetTag, TagPage, TagPath, Tag as TagSchema } from './schema.ts'

const TAG = 'Tags'

const list = operation({
  id: 'listTags',
  method: 'get',
  path: '/v1/tags',
  tag: TAG,
  access: 'read',
  summary: 'List tags',
  description: 'In the order of their names.',
  query: ListTags,
  answers: { 200: { description: 'A page of tags.', schema: TagPage } },
  async handle({ parts, caller: { projectId }, query: { limit, cursor } }) {
    const page = { purpose: `tags ${projectId}`, limit, cursor }
    const read = async (after: string | null, take: number) => {
      const where = { projectId, name: { gt: after ?? '' } }
      return (await parts.db.prisma.tag.findMany({ where, orderBy: { name: 'asc' }, take })).map(viewOf)
    }
    return ok(await readPageByText(parts.cursors, page, read, ({ name }) => name))
  },
})

const get = operation({
  id: 'getTag',
  method: 'get',
  path: '/v1/tags/{tag}',
  tag: TAG,
  access: 'read',
  summary: 'Read a tag',
  description: 'The addresses that carry it.',
  params: TagPath,
  answers: { 200: { description: 'The tag.', schema: TagSchema } },
  problems: ['not-found'],
  async handle({ parts, caller, params }) {
    return ok(await requireTag(parts.db.prisma, caller.projectId, params.tag))
  },
})

const set = operation({
  id: 'setTag',
  method: 'put',
  path: '/v1/tags/{tag}',
  tag: TAG,
  access: 'manage',
  summary: 'Tag addresses',
  description:
    'Makes the tag, or replaces the addresses that carry it. Policies select by it from the next scan on; searches at once.',
  params: TagPath,
  body: SetTag,
  bodyExample: { targets: ['10.1.0.0/16', '192.0.2.7'], description: 'reachable from the internet' },
  conditional: true,
  answers: { 200: { description: 'The tag as it is now.', schema: TagSchema } },
  problems: ['conflict', 'precondition-failed'],
  async handle(call) {
    const { parts, caller, params, body } = call
    const { projectId } = caller
    const key = { projectId, name: params.tag }
    const tag = await parts.db.prisma.$transaction(async (tx) => {
      // A lock on the row would not keep two apart who both make it.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`tags ${projectId}`}, 0))`
      const before = await findTag(tx, projectId, params.tag)
      requireMatch(call.request, before)
      if (before === null && (await tx.tag.count({ where: { projectId } })) >= MOST_TAGS)
        throw new Problem('conflict', `a project has at most ${MOST_TAGS} tags`)
      const update = { ...body, updatedAt: parts.now() }
      const create = { ...key, ...update, createdAt: update.updatedAt }
      const after = viewOf(await tx.tag.upsert({ where: { projectId_name: key }, create, update }))
      const target = { targetType: 'tag', targetId: params.tag }
      await audit(tx, call, { action: 'tag.set', ...target, ...(before && { before }), after })
      return after
    })
    return ok(tag, { ETag: etagOf(tag) })
  },
})

const remove = operation({
  id: 'deleteTag',
  method: 'delete',
  path: '/v1/tags/{tag}',
  tag: TAG,
  access: 'manage',
  summary: 'Delete a tag',
  description: 'Refused while a rule of a policy selects by it.',
  params: TagPath,
  conditional: true,
  answers: { 204: { description: 'Gone.' } },
  problems: ['not-found', 'conflict', 'precondition-failed'],
  async handle(call) {
    const { parts, params } = call
    const { projectId } = call.caller
    const key = { projectId, name: params.tag }
    await parts.db.prisma.$transaction(async (tx) => {
      // Who stores a policy holds the tags it names until it is stored.
      await tx.$queryRaw`SELECT 1 FROM tags WHERE project_id = ${projectId}::uuid AND name = ${params.tag} FOR UPDATE`
      const before = await requireTag(tx, projectId, params.tag)
      requireMatch(call.request, before)
      await refuseUsed(tx, projectId, params.tag)
      await tx.tag.delete({ where: { projectId_name: key } })
      await audit(tx, call, { action: 'tag.delete', targetType: 'tag', targetId: params.tag, before })
    })
    return noContent
  },
})

export const tagOperations: readonly Operation[] = [list, get, set, remove]
