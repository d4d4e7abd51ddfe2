import { HostShareCell } from '@portolan/worker/limits/host-share-cell.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const shown = ({ cell }: HostShareCell) => Atomics.load(cell, 0)

test('a share that begins is seen when its first packet is due, sooner if it grows, and every later one at once', () => {
  const share = new HostShareCell()
  share.grant(2)
  expect([share.granted, shown(share)]).toEqual([2, 0])
  vi.advanceTimersByTime(499)
  expect(shown(share)).toBe(0)
  vi.advanceTimersByTime(1)
  expect(shown(share)).toBe(2)
  share.grant(1)
  expect(shown(share)).toBe(1)
  share.grant(0)
  expect([share.granted, shown(share)]).toEqual([0, 0])
  vi.advanceTimersByTime(5_000)
  share.grant(1)
  vi.advanceTimersByTime(200)
  share.grant(4)
  vi.advanceTimersByTime(49)
  expect(shown(share)).toBe(0)
  vi.advanceTimersByTime(1)
  expect(shown(share)).toBe(4)
})

test('one that ends before it has begun is never seen', () => {
  const share = new HostShareCell()
  share.grant(1)
  vi.advanceTimersByTime(900)
  share.grant(0)
  vi.advanceTimersByTime(5_000)
  expect(shown(share)).toBe(0)
})
