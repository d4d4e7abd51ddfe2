import { createDb } from '@portolan/db/client.ts'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { emptyDatabase, testDatabase, testQueueUrls } from './test-services.ts'

test('every call gives a database of its own', async () => {
  const [first, second, empty] = await Promise.all([testDatabase(), testDatabase(), emptyDatabase()])
  await using a = createDb(first)
  await using b = createDb(second)
  await using c = createDb(empty)
  await a.prisma.project.create({ data: { name: 'only in the first' } })
  expect(await a.prisma.project.count()).toBe(2)
  expect(await b.prisma.project.count()).toBe(1)
  await expect(c.prisma.project.count()).rejects.toThrow('does not exist')
})

describe.each(await testQueueUrls())('the store of the $backend queue', ({ backend, url }) => {
  test('is there and empty', async () => {
    if (backend === 'redis') {
      const redis = new Redis(url)
      expect(await redis.dbsize()).toBe(0)
      redis.disconnect()
    } else {
      await using db = createDb(url)
      const { rows } = await db.pool.query(`SELECT count(*) AS tables FROM pg_tables WHERE schemaname = 'public'`)
      expect(rows).toEqual([{ tables: 0 }])
    }
  })
})
