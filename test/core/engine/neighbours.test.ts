import { expect, test } from 'vitest'
import { ABSENT, KNOWN, Neighbours, PENDING } from '#core/engine/neighbours.ts'

const ADDRESS = Uint8Array.of(10, 0, 0, 7)
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 7)

test('asks a few times, spaced, and then gives up', () => {
  const neighbours = new Neighbours()
  const entry = neighbours.of(2, ADDRESS, 0)
  const asked: number[] = []
  let gone = -1
  for (let now = 0; now < 5000 && gone < 0; now += 10)
    neighbours.tick(
      now,
      10,
      () => asked.push(now),
      () => {
        gone = now
      },
    )
  expect(asked.length).toBe(4)
  for (let i = 1; i < asked.length; i++) expect(asked[i]! - asked[i - 1]!).toBeGreaterThanOrEqual(150)
  expect(gone).toBeGreaterThan(2000)
  expect(entry.state).toBe(ABSENT)
  expect(neighbours.of(2, ADDRESS, 6000)).toBe(entry)
})

test('learns only what it asked for, and only once', () => {
  const neighbours = new Neighbours()
  expect(neighbours.learn(ADDRESS, MAC)).toBeNull()
  const entry = neighbours.of(2, ADDRESS, 0)
  expect(entry.state).toBe(PENDING)
  expect(neighbours.learn(ADDRESS, MAC)).toBe(entry)
  expect(neighbours.learn(ADDRESS, Uint8Array.of(6, 6, 6, 6, 6, 6))).toBeNull()
  expect([entry.state, [...entry.mac]]).toEqual([KNOWN, [...MAC]])
  expect(neighbours.pending).toBe(0)
})

test('keeps to its budget, and to its capacity', () => {
  const neighbours = new Neighbours()
  for (let i = 0; i < 70_000; i++) {
    const address = Uint8Array.of(10, i >> 16, i >> 8, i)
    neighbours.of(2, address, 0)
    neighbours.learn(address, MAC)
  }
  for (let i = 0; i < 100; i++) neighbours.of(2, Uint8Array.of(11, 0, 0, i), 0)
  expect(
    neighbours.tick(
      0,
      7,
      () => {},
      () => {},
    ),
  ).toBe(7)
})
