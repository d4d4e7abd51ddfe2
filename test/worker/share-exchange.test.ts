/** How shares of a limit are handed out. */
import { randomUUID } from 'node:crypto'
import { HostShares, renewRates } from '@portolan/worker/limits/share-exchange.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { emptyDatabase } from '#test/support/test-services.ts'
import { type Harness, openHarness } from './harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await openHarness(await emptyDatabase())
})
afterEach(() => harness.close())

const ALL = 1_000_000_000
const near = { targets: [['127.0.0.1', '127.0.0.9']], ports: '{[1,100]}' } as const

function worker(key: string) {
  const id = randomUUID()
  return async (demand: number) => (await renewRates(harness.db, id, [{ key, demand }])).get(key)
}
const expire = (table: 'rate_shares' | 'host_shares') =>
  harness.db.query(`UPDATE ${table} SET expires_at = now() - interval '1 millisecond'`)

test('one has all; who comes new waits until the others have shrunk; together never more than the limit', async () => {
  const key = `scan ${await harness.scan({ ...near, rate: 101 })}`
  const [a, b, c] = [worker(key), worker(key), worker(key)]
  expect(await a(ALL)).toBe(101)
  expect(await b(ALL)).toBe(0)
  const half = Number(await a(ALL))
  expect([50, 51]).toContain(half)
  expect(await b(ALL)).toBe(101 - half)
  expect(await c(ALL)).toBe(0)
  const shares = [await a(ALL), await b(ALL), await c(ALL)].map(Number)
  expect(shares.every((share) => share >= 33 && share <= 34)).toBe(true)
  expect(shares.reduce((sum, share) => sum + share)).toBe(101)
})

test('what one does not use goes to the others, and what a dead one had, once it expires', async () => {
  const key = `scan ${await harness.scan({ ...near, rate: 1_000 })}`
  const [idle, busy] = [worker(key), worker(key)]
  await idle(ALL)
  await idle(10)
  await busy(ALL)
  await idle(10)
  expect(await busy(ALL)).toBe(990)
  await expire('rate_shares')
  expect(await busy(ALL)).toBe(1_000)
})

test('another rate counts at the next renewal; none is no limit', async () => {
  const scan = await harness.scan({ ...near, rate: 1_000 })
  const only = worker(`scan ${scan}`)
  expect(await only(ALL)).toBe(1_000)
  await harness.db.query('UPDATE scans SET rate = 7 WHERE id = $1', [scan])
  expect(await only(ALL)).toBe(7)
  await harness.db.query('UPDATE scans SET rate = NULL WHERE id = $1', [scan])
  expect(await only(ALL)).toBe(null)
  expect(await worker('global')(ALL)).toBe(null)
})

test('those who probe the same address divide the lowest of their limits; who probes others does not count', async () => {
  const slow = await harness.scan({ ...near, perHostRate: 100 })
  const free = await harness.scan({ ...near, targets: [['127.0.0.9', '127.0.0.20']] })
  const elsewhere = await harness.scan({ ...near, targets: [['127.0.1.1', '127.0.1.9']], perHostRate: 30 })
  const sharer = (shardId: string, scanId: string) => {
    const shares = new HostShares(harness.db)
    return async () => (await shares.renew([{ shardId, scanId }])).get(shardId)
  }
  const [a, b, c] = [sharer('1', slow), sharer('2', free), sharer('3', elsewhere)]
  expect(await b()).toEqual({ share: null, most: null })
  expect(await a()).toEqual({ share: 0, most: 100 })
  expect(await b()).toEqual({ share: 50, most: 100 })
  expect(await a()).toEqual({ share: 50, most: 100 })
  await c()
  expect(await c()).toEqual({ share: 30, most: 30 })
  await a()
  expect(await a()).toEqual({ share: 50, most: 100 })
  await expire('host_shares')
  expect(await a()).toEqual({ share: 100, most: 100 })
})
