import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cookie, PORT_BLOCK } from '#core/engine/cookie.ts'

const BASE = 61_440
const target = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  v4: fc.integer({ min: 0, max: 0xffff_ffff }),
  v6: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  port: fc.integer({ min: 1, max: 65_535 }),
})
const key = fc.uint8Array({ minLength: 8, maxLength: 8 })
const number = fc.integer({ min: 0, max: 15 })

test('an answer to a probe is known, with the number of its try', () => {
  fc.assert(
    fc.property(key, target, number, (secret, who, n) => {
      const cookie = new Cookie(secret, BASE)
      cookie.aim(who)
      const [port, sequence] = [cookie.sourcePort(n), cookie.sequence(n)]
      expect(port).toBeGreaterThanOrEqual(BASE)
      expect(port).toBeLessThan(BASE + PORT_BLOCK)
      // Another target in between: nothing is remembered but the key.
      cookie.aim({ ...who, port: (who.port % 65_535) + 1 })
      expect(cookie.tryOf(port, sequence)).toBe(-1)
      cookie.aim(who)
      expect(cookie.tryOf(port, sequence)).toBe(n)
      expect(cookie.tryOf(port, (sequence + 1) >>> 0)).toBe(-1)
    }),
  )
})

test('another key knows nothing of it', () => {
  fc.assert(
    fc.property(key, key, target, number, (one, other, who, n) => {
      fc.pre(one.join() !== other.join())
      const mine = new Cookie(one, BASE)
      mine.aim(who)
      const theirs = new Cookie(other, BASE)
      theirs.aim(who)
      expect(theirs.tryOf(mine.sourcePort(n), mine.sequence(n))).toBe(-1)
    }),
  )
})

test('a million guesses open nothing', () => {
  const cookie = new Cookie(Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2), BASE)
  cookie.aim({ family: 4, v4: 0x0a00_0002, v6: new Uint8Array(16), port: 80 })
  let x = 1
  let known = 0
  for (let i = 0; i < 1_000_000; i++) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    if (cookie.tryOf(BASE + (i & 255), x) >= 0) known++
  }
  expect(known).toBeLessThanOrEqual(1)
})

test('flows are used evenly, and one bit of the target changes about half of the number', () => {
  const cookie = new Cookie(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), BASE)
  const flows = new Map<number, number>()
  let flipped = 0
  for (let port = 1; port <= 16_000; port++) {
    cookie.aim({ family: 4, v4: 0x0a00_0002, v6: new Uint8Array(16), port })
    const flow = (cookie.sourcePort(0) - BASE) >> 4
    flows.set(flow, (flows.get(flow) ?? 0) + 1)
    const before = cookie.sequence(0)
    cookie.aim({ family: 4, v4: 0x0a00_0003, v6: new Uint8Array(16), port })
    for (let bits = before ^ cookie.sequence(0); bits !== 0; bits &= bits - 1) flipped++
  }
  expect(flows.size).toBe(16)
  for (const count of flows.values()) expect(Math.abs(count - 1000)).toBeLessThan(200)
  expect(flipped / 16_000).toBeGreaterThan(15.5)
  expect(flipped / 16_000).toBeLessThan(16.5)
})
