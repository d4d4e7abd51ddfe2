import { createBatcher } from '@portolan/api/batch.ts'
import { expect, test } from 'vitest'

/** Work that stays open until it is let go, one batch at a time. */
function slowWork() {
  const batches: (readonly number[])[] = []
  const open: (() => void)[] = []
  const work = async (items: readonly number[]) => {
    batches.push(items)
    await new Promise<void>((resolve) => open.push(resolve))
    if (items.includes(13)) throw new Error('thirteen')
    return items.map((n) => n * 10)
  }
  const letGo = async () => {
    open.shift()?.()
    await new Promise(setImmediate)
  }
  return { batches, work, letGo }
}

test('whoever is alone is asked for at once; what comes meanwhile goes together, and each gets its own answer', async () => {
  const { batches, work, letGo } = slowWork()
  const ask = createBatcher(work, { atOnce: 1, most: 3 })
  const first = ask(1)
  await new Promise(setImmediate)
  expect(batches).toEqual([[1]])
  const rest = [2, 3, 4, 5].map(ask)
  for (let i = 0; i < 3; i++) await letGo()
  expect(batches).toEqual([[1], [2, 3, 4], [5]])
  expect(await Promise.all([first, ...rest])).toEqual([10, 20, 30, 40, 50])
})

test('a bad item fails alone', async () => {
  const { batches, work, letGo } = slowWork()
  const ask = createBatcher(work, { atOnce: 1 })
  const answers = Promise.allSettled([ask(1), ask(13), ask(2)])
  await new Promise(setImmediate)
  for (let i = 0; i < 4; i++) await letGo()
  expect(batches).toEqual([[1, 13, 2], [1], [13], [2]])
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('no more batches are under way than allowed', async () => {
  const { batches, work, letGo } = slowWork()
  const ask = createBatcher(work, { atOnce: 2, most: 1 })
  const all = Promise.all([1, 2, 3].map(ask))
  await new Promise(setImmediate)
  expect(batches).toEqual([[1], [2]])
  for (let i = 0; i < 3; i++) await letGo()
  expect(await all).toEqual([10, 20, 30])
})
