import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createDb } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { openEngine } from '@portolan/db/tools/engine.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emptyDatabase, testDatabase } from '#test/support/test-services.ts'

const OURS = path.resolve('prisma/migrations')

describe('schema.prisma and the migrations', () => {
  test('agree', async () => {
    await using engine = await openEngine(await emptyDatabase())
    expect(await engine.pending()).toBeNull()
  })

  test.each([
    ['a new column', 'label        String?', 'label String?\n colour String?', 'ADD COLUMN     "colour"'],
    ['a dropped index', '@@index([projectId, port, ip])', '', 'DROP INDEX "endpoints_project_id_port_ip_idx"'],
    ['a new value of an enum', 'udp\n', 'udp\n sctp\n', `'sctp'`],
  ])('do not agree after %s', async (_, before, after, sql) => {
    await using engine = await openEngine(await emptyDatabase(), (schema) => {
      expect(schema).toContain(before)
      return schema.replace(before, after)
    })
    expect(await engine.pending()).toContain(sql)
  })

  test('a migrated database is in order in the eyes of Prisma’s own engine', async () => {
    await using engine = await openEngine(await testDatabase())
    expect(await engine.diagnose()).toEqual([])
  })
})

describe('migrate', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-migrations-'))
    await cp(OURS, folder, { recursive: true })
  })
  afterEach(() => rm(folder, { recursive: true }))

  const add = async (name: string, sql: string) => {
    await mkdir(path.join(folder, name), { recursive: true })
    await writeFile(path.join(folder, name, 'migration.sql'), sql)
  }

  test('three at once on an empty database apply everything once', async () => {
    const url = await emptyDatabase()
    const applied = await Promise.all([1, 2, 3].map(() => migrate(url)))
    expect(applied.flat()).toEqual((await readdir(OURS)).filter((name) => /^\d/.test(name)).sort())
  })

  test('applies only what is new to a database with data in it', async () => {
    const url = await testDatabase()
    await using db = createDb(url)
    await db.prisma.project.create({ data: { name: 'kept' } })
    await add('99990101000000_later', 'ALTER TABLE projects ADD COLUMN colour text')
    expect(await migrate(url, { directory: folder })).toEqual(['99990101000000_later'])
    expect(await migrate(url, { directory: folder })).toEqual([])
    expect(await db.prisma.project.count()).toBe(2)
  })

  test('a migration that fails leaves nothing behind and can be mended', async () => {
    const url = await testDatabase()
    await add('99990101000000_broken', 'CREATE TABLE half_done (id int); SELECT no_such_function()')
    await expect(migrate(url, { directory: folder })).rejects.toThrow('99990101000000_broken failed: function no_such')
    await add('99990101000000_broken', 'CREATE TABLE half_done (id int)')
    expect(await migrate(url, { directory: folder })).toEqual(['99990101000000_broken'])
  })

  test('refuses to go on after a migration that failed under Prisma’s engine', async () => {
    const url = await testDatabase()
    await using db = createDb(url)
    await db.pool.query(`UPDATE _prisma_migrations SET finished_at = NULL, logs = 'disk full'`)
    await expect(migrate(url)).rejects.toThrow('failed before')
  })

  test('refuses a migration that was edited after it was applied', async () => {
    const url = await testDatabase()
    const [first = ''] = (await readdir(OURS)).filter((name) => /^\d/.test(name))
    await add(first, 'SELECT 1')
    await expect(migrate(url, { directory: folder })).rejects.toThrow(`${first} was edited after it was applied`)
  })
})
