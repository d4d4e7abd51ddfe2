import { Prisma } from '@portolan/db/client.ts'
import { requireMatch } from './etag.ts'
import type { Call } from './operation.ts'

type Tx = Prisma.TransactionClient
type OneCall = Call<{ readonly id: string }, unknown, unknown>

interface Kind<T> {
  /** Where its rows are. */
  readonly table: string
  /** As it is now, and as clients see it: the If-Match of the request is held against it. Throws `not-found`. */
  readonly read: (call: OneCall, tx: Tx) => Promise<T>
}

/** Changes or deletes the resource of the path while nobody else can. Throws `precondition-failed`, and nothing is done. */
export async function changeOne<T, R>(
  call: OneCall,
  { table, read }: Kind<T>,
  change: (tx: Tx, before: T) => Promise<R>,
): Promise<R> {
  const { parts, params, request } = call
  return parts.db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM ${Prisma.raw(table)} WHERE id = ${params.id}::uuid FOR UPDATE`
    const before = await read(call, tx)
    requireMatch(request, before)
    return change(tx, before)
  })
}
