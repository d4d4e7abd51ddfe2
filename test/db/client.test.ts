import { createDb, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '#test/support/test-services.ts'

describe('the database client', () => {
  let url: string
  beforeAll(async () => {
    url = await testDatabase()
  })

  test('finds the default project in a fresh database', async () => {
    await using db = createDb(url)
    expect(await db.prisma.project.findMany({ select: { id: true, name: true } })).toEqual([
      { id: DEFAULT_PROJECT, name: 'default' },
    ])
  })

  test('gives counts of the pool as numbers and times that mean the same through Prisma', async () => {
    await using db = createDb(url)
    await db.pool.query(`ALTER ROLE CURRENT_USER SET timezone = 'Asia/Kathmandu'`)
    try {
      const doNotScan = {
        cidr: '192.0.2.0/24',
        reason: 'documentation',
        createdAt: new Date('2026-03-29T01:30:00.123Z'),
      }
      await db.prisma.doNotScan.create({ data: doNotScan })
      const { rows } = await db.pool.query('SELECT count(*) AS n, max(created_at) AS at FROM do_not_scan')
      expect(rows).toEqual([{ n: 1, at: doNotScan.createdAt }])
      expect(await db.prisma.doNotScan.findFirst({ select: { createdAt: true } })).toEqual({
        createdAt: doNotScan.createdAt,
      })
    } finally {
      await db.pool.query('ALTER ROLE CURRENT_USER RESET timezone')
    }
  })

  test('refuses a network with host bits', async () => {
    await using db = createDb(url)
    const wrong = db.prisma.doNotScan.create({ data: { cidr: '192.0.2.1/24', reason: 'typo' } })
    await expect(wrong).rejects.toThrow('check constraint')
  })
})
