import type { Policy as CompiledPolicy } from '@portolan/core/exposure/policy.ts'
import { compilePolicy } from '@portolan/core/exposure/policy-document.ts'
import type { Prisma, PrismaClient } from '@portolan/db/client.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import type { Parts } from '../parts.ts'
import { type Policy, PolicyDocument } from './schema.ts'

type Row = NonNullable<Awaited<ReturnType<PrismaClient['policy']['findFirst']>>>
type Reader = PrismaClient | Prisma.TransactionClient

export async function requirePolicy(
  { caller, params }: Call<{ id: string }, unknown, unknown>,
  db: Reader,
): Promise<Policy> {
  const row = await db.policy.findFirst({ where: { id: params.id, projectId: caller.projectId } })
  if (row === null) throw new Problem('not-found', `there is no policy ${params.id}`)
  return viewOf(row)
}

export async function refuseTaken(db: Reader, projectId: string, name: string): Promise<void> {
  const taken = await db.policy.findFirst({ where: { projectId, name } })
  if (taken) throw new Problem('conflict', `there is a policy of this name already, ${taken.id}`)
}

/** Throws a `validation` problem that lists every rule that cannot be meant. */
export function compiled({ book }: Pick<Parts, 'book'>, name: string, document: PolicyDocument): CompiledPolicy {
  const result = compilePolicy(name, document, book)
  if (result.ok) return result.policy
  const errors = result.errors
    .slice(0, 50)
    .map(({ pointer, detail }) => ({ in: 'body' as const, pointer: `#/document${pointer}`, detail }))
  throw new Problem('validation', `document: ${errors[0]?.detail}`, { errors })
}

/**
 * Throws a `validation` problem when a rule selects by a tag there is not. In a transaction the tags stay until its end.
 */
export async function requireTags(db: Reader, projectId: string, { rules }: PolicyDocument): Promise<void> {
  const wanted = [...new Set(rules.flatMap(({ tags = [] }) => tags))]
  if (wanted.length === 0) return
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT name FROM tags WHERE project_id = ${projectId}::uuid AND name = ANY (${wanted}) ORDER BY name FOR SHARE`
  const known = new Set(rows.map(({ name }) => name))
  const errors = rules.flatMap(({ tags = [] }, i) =>
    tags.flatMap((tag, j) => {
      const detail = `there is no tag ${tag}; make it with PUT /v1/tags/${tag}`
      return known.has(tag) ? [] : [{ in: 'body' as const, pointer: `#/document/rules/${i}/tags/${j}`, detail }]
    }),
  )
  if (errors.length > 0)
    throw new Problem('validation', `document: ${errors[0]?.detail}`, { errors: errors.slice(0, 50) })
}

export function viewOf(row: Row): Policy {
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled,
    revision: row.revision,
    document: PolicyDocument.parse(row.document),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
