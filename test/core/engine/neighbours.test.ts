import { expect, test } from 'vitest'
import { ABSENT, KNOWN, Neighbours, PENDING } from '#core/engine/neighbours.ts'

const ADDRESS = Uint8Array.of(10, 0, 0, 7)
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 7)
const OWN = Uint8Array.of(10, 0, 0, 1)
const FOUND = { address: ADDRESS, mac: MAC, to: OWN }

test('asks a few times, spaced, and then gives up', () => {
  const neighbours = new Neighbours()
  const entry = neighbours.of(OWN, ADDRESS, 0)
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
  expect(neighbours.of(OWN, ADDRESS, 6000)).toBe(entry)
})

test('learns only what it asked for, and only once', () => {
  const neighbours = new Neighbours()
  expect(neighbours.learn(FOUND)).toBeNull()
  const entry = neighbours.of(OWN, ADDRESS, 0)
  expect(entry.state).toBe(PENDING)
  expect(neighbours.learn(FOUND)).toBe(entry)
  expect(neighbours.learn({ ...FOUND, mac: Uint8Array.of(6, 6, 6, 6, 6, 6) })).toBeNull()
  expect([entry.state, [...entry.mac]]).toEqual([KNOWN, [...MAC]])
  expect(neighbours.pending).toBe(0)
})

test('keeps neighbours of the same address on two links apart, and asks once more when told to', () => {
  const neighbours = new Neighbours()
  const other = Uint8Array.of(10, 9, 0, 1)
  const [here, there] = [neighbours.of(OWN, ADDRESS, 0), neighbours.of(other, ADDRESS, 0)]
  expect(neighbours.learn({ ...FOUND, to: other })).toBe(there)
  expect([here.state, there.state]).toEqual([PENDING, KNOWN])
  const asked: number[] = []
  const tick = (now: number) =>
    neighbours.tick(
      now,
      10,
      () => asked.push(now),
      () => {},
    )
  for (let now = 0; here.state === PENDING; now += 10) tick(now)
  expect(here.state).toBe(ABSENT)
  asked.length = 0
  neighbours.retry(here, 9000)
  for (let now = 9000; now < 11_000; now += 10) tick(now)
  expect([asked, here.state]).toEqual([[9000], ABSENT])
  neighbours.retry(here, 12_000)
  tick(12_000)
  expect(neighbours.learn(FOUND)).toBe(here)
})

test('keeps to its budget, and to its capacity', () => {
  const neighbours = new Neighbours()
  for (let i = 0; i < 70_000; i++) {
    const address = Uint8Array.of(10, i >> 16, i >> 8, i)
    neighbours.of(OWN, address, 0)
    neighbours.learn({ ...FOUND, address })
  }
  for (let i = 0; i < 100; i++) neighbours.of(OWN, Uint8Array.of(11, 0, 0, i), 0)
  expect(
    neighbours.tick(
      0,
      7,
      () => {},
      () => {},
    ),
  ).toBe(7)
})
