import { ensureBootstrap } from '@portolan/api/bootstrap.ts'
import { makeApiKey } from '@portolan/api/http/api-key.ts'
import { createDb, DEFAULT_PROJECT } from '@portolan/db/client.ts'

export type KeyWish = {
  /** Another key, also when the installation is not new. */
  readonly newKey: boolean
  /** For the first key; unset: one is made. */
  readonly token: string | undefined
}

/** The key to show, null when there is none: a key is stored hashed, so only the one who makes it can show it. */
export async function keyToShow(databaseUrl: string, { newKey, token }: KeyWish): Promise<string | null> {
  await using db = createDb(databaseUrl, { connections: 2 })
  const first = await ensureBootstrap(db, { token })
  if (first.token !== null || !newKey) return first.token
  const key = makeApiKey()
  const { publicId, secretHash } = key
  await db.prisma.apiKey.create({
    data: { projectId: DEFAULT_PROJECT, publicId, secretHash, name: 'made by portolan up', scopes: ['admin'] },
  })
  await db.prisma.auditEntry.create({
    data: { projectId: DEFAULT_PROJECT, actor: 'portolan up', action: 'key.create', targetType: 'key' },
  })
  return key.token
}
