import type { Prisma, PrismaClient } from '@portolan/db/client.ts'
import { Problem } from '../http/problem.ts'
import type { Tag } from './schema.ts'

type Row = NonNullable<Awaited<ReturnType<PrismaClient['tag']['findFirst']>>>
type Reader = PrismaClient | Prisma.TransactionClient

export async function findTag(db: Reader, projectId: string, name: string): Promise<Tag | null> {
  const row = await db.tag.findFirst({ where: { projectId, name } })
  return row ? viewOf(row) : null
}

export async function requireTag(db: Reader, projectId: string, name: string): Promise<Tag> {
  const tag = await findTag(db, projectId, name)
  if (tag === null) throw new Problem('not-found', `there is no tag ${name}`)
  return tag
}

/** A rule that names a tag nobody has would speak of nothing, in silence: a tag stays as long as a rule selects by it. */
export async function refuseUsed(db: Reader, projectId: string, name: string): Promise<void> {
  const [policy] = await db.$queryRaw<{ name: string }[]>`
    SELECT name FROM policies WHERE project_id = ${projectId}::uuid
      AND jsonb_path_exists(document, '$.rules[*].tags[*] ? (@ == $tag)', jsonb_build_object('tag', ${name}::text))
    ORDER BY id LIMIT 1`
  if (policy)
    throw new Problem('conflict', `the policy ${policy.name} selects hosts by this tag; take it out there first`)
}

export function viewOf({ name, targets, description, createdAt, updatedAt }: Row): Tag {
  return { name, targets, description, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
}
