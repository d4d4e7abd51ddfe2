import { cutShards } from '@portolan/worker/cut-shards.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const wish = fc.record({
  size: fc.integer({ min: 0, max: 2 ** 48 }),
  hosts: fc.integer({ min: 1, max: 2 ** 32 }),
  rate: fc.option(fc.integer({ min: 1, max: 10_000_000 })),
  perHostRate: fc.option(fc.integer({ min: 1, max: 10_000_000 })),
  slots: fc.integer({ min: 1, max: 500 }),
})

test('every position is in exactly one shard, whatever is asked for', () => {
  fc.assert(
    fc.property(wish, (cut) => {
      let next = 0
      for (const { from, to } of cutShards(cut)) {
        if (from !== next || to <= from) return false
        next = to
      }
      return next === cut.size
    }),
  )
})

/** Probes a second one of them makes where the limits are shared evenly. */
const each = ({ hosts, rate, perHostRate, slots }: Parameters<typeof cutShards>[0]) =>
  Math.min(rate ?? 60_000 * slots, (perHostRate ?? Number.POSITIVE_INFINITY) * hosts) / slots

test('never so many that the table suffers, never tiny ones', () => {
  fc.assert(
    fc.property(wish, (cut) => {
      const shards = cutShards(cut)
      const probes = cut.size / shards.length
      return shards.length <= 10_000 && (shards.length <= 1 || probes > 512 || probes / each(cut) > 29 || probes === 1)
    }),
  )
})

test('each lasts some seconds, and no longer than a minute and a half unless there are ten thousand of them', () => {
  fc.assert(
    fc.property(wish, (cut) => {
      const shards = cutShards(cut)
      const probes = cut.size / Math.max(1, shards.length)
      return probes <= 1 || shards.length === 10_000 || probes / each(cut) <= 90
    }),
  )
})

const UNLIMITED = { size: 1e6, hosts: 1_000, rate: null, perHostRate: null, slots: 4 }

test.each([
  ['one host is not torn apart', { size: 65_535, hosts: 1, rate: null, perHostRate: null, slots: 8 }, 1],
  ['every slot gets something to do', { size: 256_000, hosts: 256, rate: null, perHostRate: null, slots: 4 }, 8],
  ['a small scan is one shard', { size: 500, hosts: 5, rate: null, perHostRate: null, slots: 4 }, 1],
  // 1,000,000 probes at 10,000/s are 100 s of work for all; four at a time, 20 s each.
  ['a shard lasts as long at any rate', { size: 1e6, hosts: 1_000, rate: 10_000, perHostRate: null, slots: 4 }, 20],
  [
    'and at a rate that takes minutes for a thousand',
    { size: 4_000, hosts: 4, rate: 10, perHostRate: null, slots: 2 },
    14,
  ],
  ['and where the installation allows no more', { ...UNLIMITED, most: { rate: 10_000, perHostRate: null } }, 20],
  ['but none is tiny for that', { ...UNLIMITED, size: 768, most: { rate: 1, perHostRate: null } }, 1],
  ['and when each host bears little', { size: 1e6, hosts: 1_000, rate: null, perHostRate: 10, slots: 4 }, 20],
])('%s', (_, cut, count) => {
  expect(cutShards(cut)).toHaveLength(count)
})
