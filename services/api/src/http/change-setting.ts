/** A setting of the installation: one row of JSON that people replace as a whole. */
import type { Prisma } from '@portolan/db/client.ts'
import { audit } from './audit.ts'
import type { Call } from './operation.ts'

export interface SettingChange<T extends Prisma.InputJsonObject> {
  readonly name: string
  readonly after: T
  /** Of what is stored; null: nothing is yet. */
  read(value: Prisma.JsonValue | null): T
  /** Throws when the request was made for another state (If-Match). */
  judge(before: T): void | Promise<void>
}

/**
 * Reads, judges, writes and notes it in the audit log while nobody else can change the same setting. Returns it as it is
 * stored: PostgreSQL keeps no order of keys, and the tag of the answer has to be that of the next read.
 */
export async function changeSetting<T extends Prisma.InputJsonObject>(
  call: Call<unknown, unknown, unknown>,
  { name, after, read, judge }: SettingChange<T>,
): Promise<T> {
  const { db, now } = call.parts
  return db.prisma.$transaction(async (tx) => {
    // A lock on the row would not keep two apart who both make it.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`setting ${name}`}, 0))`
    const row = await tx.setting.findFirst({ where: { name } })
    const before = read(row?.value ?? null)
    await judge(before)
    const update = { value: after, updatedAt: now() }
    const stored = await tx.setting.upsert({ where: { name }, create: { name, ...update }, update })
    await audit(tx, call, { action: `${name}.set`, targetType: 'setting', targetId: name, before, after })
    return read(stored.value)
  })
}
