import { expect, test } from 'vitest'
import {
  adjust,
  type Congestion,
  createCongestion,
  noteAnswer,
  noteLost,
  noteSent,
} from '#core/engine/pace/congestion.ts'
import { createPacer, permits, sent, setRate } from '#core/engine/pace/pacer.ts'

interface World {
  /** Packets a second the path carries, and how many it buffers. */
  readonly capacity: number
  readonly burst: number
  readonly loss: number
  readonly rtt: number
  /** Share of ports that answer. */
  readonly share: number
}

interface Flight {
  readonly due: number
  readonly epoch: number
  readonly tries: number
  readonly previous: number
  readonly answers: boolean
}

/** A small generator with a fixed seed: a failure repeats. */
function generator(seed: number): () => number {
  let x = seed
  return () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return x / 2 ** 32
  }
}

/** A sender with retries against a simulated path for `until` ms; returns the rate every 10 ms. */
function simulate(world: World, until: number, options: Partial<Parameters<typeof createCongestion>[0]> = {}) {
  const random = generator(42)
  const c: Congestion = createCongestion({ now: 0, ...options })
  const pacer = createPacer(c.rate, 0)
  const timeout = Math.max(20, world.rtt * 1.3)
  let flights: Flight[] = []
  const retries: Flight[] = []
  const rates: number[] = []
  let tokens = world.burst
  let [delivered, packets] = [0, 0]
  for (let now = 0; now < until; now++) {
    tokens = Math.min(world.burst, tokens + world.capacity / 1000)
    const landed = flights.filter((f) => f.due <= now)
    flights = flights.filter((f) => f.due > now)
    for (const f of landed) {
      if (!f.answers) retries.push(f)
      else {
        noteAnswer(c, f.epoch, world.rtt, f.tries === 1)
        if (f.tries > 1) noteLost(c, f.previous)
      }
    }
    let budget = Math.min(300, permits(pacer, now))
    sent(pacer, budget)
    for (; budget > 0; budget--) {
      const again = retries.shift()
      const tries = again ? again.tries + 1 : 1
      const carried = tokens >= 1
      if (carried) tokens--
      packets++
      if (carried) delivered++
      const listens = again ? again.tries < 0 : random() < world.share
      const epoch = noteSent(c, now, 1, tries === 1 ? 1 : 0)
      const able = again ? (again as Flight & { able: boolean }).able : listens
      const answers = able && carried && random() >= world.loss
      const due = now + (answers ? Math.max(1, world.rtt) : timeout)
      if (tries > 3) continue
      flights.push({ due, epoch, tries, previous: again?.epoch ?? 0, answers, ...{ able } })
    }
    adjust(c, now, { rtt: world.rtt, settle: timeout * 1.5 + world.rtt })
    setRate(pacer, c.rate, now)
    if (now % 10 === 0) rates.push(c.rate)
  }
  return { rates, delivered, packets, c }
}

const late = (rates: readonly number[]) => {
  const tail = rates.slice(rates.length / 2)
  return tail.reduce((a, b) => a + b, 0) / tail.length
}

test.each([
  { capacity: 8000, burst: 200, loss: 0, rtt: 0.2, share: 0.4 },
  { capacity: 8000, burst: 200, loss: 0, rtt: 50, share: 1 },
  { capacity: 3000, burst: 50, loss: 0.02, rtt: 100, share: 0.5 },
  { capacity: 500, burst: 30, loss: 0, rtt: 30, share: 0.6 },
  { capacity: 20_000, burst: 300, loss: 0.01, rtt: 20, share: 0.05 },
])('finds what the path carries: $capacity/s, rtt $rtt, loss $loss, share $share', (world) => {
  const { rates, delivered, packets } = simulate(world, 6000)
  expect(late(rates) / world.capacity).toBeGreaterThan(0.7)
  expect(late(rates) / world.capacity).toBeLessThan(1.3)
  expect(delivered / packets).toBeGreaterThan(0.55)
  expect(delivered / (world.capacity * 6)).toBeGreaterThan(0.6)
})

test.each([
  { capacity: 1e9, burst: 1e9, loss: 0.02, rtt: 50, share: 1 },
  { capacity: 1e9, burst: 1e9, loss: 0.2, rtt: 30, share: 0.5 },
  { capacity: 1e9, burst: 1e9, loss: 0.1, rtt: 1, share: 0.9 },
])('a link that loses at any rate is not slowed down: loss $loss, rtt $rtt', (world) => {
  expect(late(simulate(world, 3000).rates)).toBeGreaterThan(40_000)
})

/** Sends what is allowed every millisecond for 30 ms; a packet of millisecond `now` is answered if `answers`, 1 ms later. */
function begin(rtt: number, answers: (now: number) => boolean): readonly number[] {
  const c = createCongestion({ now: 0 })
  const pacer = createPacer(c.rate, 0)
  let [last, rates]: [number[], number[]] = [[], []]
  for (let now = 0; now < 30; now++) {
    if (answers(now - rtt)) for (const epoch of last) noteAnswer(c, epoch, rtt, true)
    adjust(c, now, { rtt, settle: 100 })
    setRate(pacer, c.rate, now)
    const budget = permits(pacer, now)
    sent(pacer, budget)
    last = Array.from({ length: Math.floor(budget) }, () => noteSent(c, now, 1, 1))
    rates = [...rates, c.rate]
  }
  return rates
}

test('where answers come within a millisecond, 32 are under way at once, and twice as many when all are answered', () => {
  const rates = begin(1, () => true)
  expect(rates[0]).toBe(4000)
  expect(rates[2]).toBeGreaterThanOrEqual(32_000)
  expect(rates[10]).toBeGreaterThan(100_000)
})

test('a first flight that is not answered is followed by the pace it began with', () => {
  const rates = begin(1, (now) => now < 2)
  expect(Math.max(...rates.slice(0, 10))).toBeGreaterThanOrEqual(32_000)
  expect(rates.at(-1)).toBe(4000)
})

test('where everything answers at once, full speed is reached within 40 ms', () => {
  const { rates } = simulate({ capacity: 1e9, burst: 1e9, loss: 0, rtt: 0.2, share: 1 }, 100)
  expect(rates[4]).toBeGreaterThan(100_000)
})

test('in silence it goes on at a modest rate', () => {
  const { rates } = simulate({ capacity: 1e9, burst: 1e9, loss: 0, rtt: 300, share: 0 }, 5000)
  expect(rates.at(-1)).toBeGreaterThan(8000)
  expect(rates.at(-1)).toBeLessThanOrEqual(12_000)
})

test('never above the ceiling', () => {
  const { rates } = simulate({ capacity: 1e9, burst: 1e9, loss: 0, rtt: 1, share: 1 }, 500, { ceiling: 10_000 })
  expect(Math.max(...rates)).toBeLessThanOrEqual(10_000)
})
