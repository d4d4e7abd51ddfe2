import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Schedule } from '#core/engine/schedule.ts'
import { spaceOf } from '#test/conformance/engine.ts'

interface World {
  readonly hosts: number
  readonly ports: number
  readonly rtt: number
  /** Share of ports that never answer, and of round trips lost. */
  readonly silent: number
  readonly loss: number
  readonly rate: number | 'max'
  readonly perHostRate: number | 'max'
  readonly retries?: number
  readonly window: number
}

/** Plays a whole scan in simulated time: every send, answer and belief, in order. */
function play({ hosts, ports, rtt, silent, loss, window, ...limits }: World, random: () => number) {
  const names = Array.from({ length: hosts }, (_, i) => `10.0.0.${i + 1}`)
  const space = spaceOf('tcp', names, [[1, ports]])
  const task = { space, from: 0, to: space.size, record: 'all' as const, ...limits }
  let now = 5000
  const schedule = new Schedule({ task, now, window, silence: 'filtered' })
  const mute = Array.from({ length: space.size }, () => random() < silent)
  const answers: { at: number; position: number; tries: number; sentAt: number }[] = []
  const sends: { at: number; position: number; host: number; tries: number }[] = []
  const verdicts = new Map<number, 'answered' | 'believed'>()
  const settle = (position: number, verdict: 'answered' | 'believed') => {
    expect(verdicts.has(position)).toBe(false)
    verdicts.set(position, verdict)
  }
  let frontier = 0
  for (let turn = 0; !schedule.ledger.done; turn++) {
    expect(turn).toBeLessThan(400_000)
    answers.sort((a, b) => b.at - a.at)
    while ((answers.at(-1)?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const { position, tries, sentAt } = answers.pop()!
      const slot = schedule.slotOf(position)
      // A connection given up is deaf to what comes late.
      if (slot < 0 || schedule.triesOf(slot) !== tries || schedule.sentAt(slot) !== sentAt) continue
      if (schedule.answer(slot, 'closed', now - sentAt)) settle(position, 'answered')
    }
    schedule.expire(now, (slot, final) => final && settle(schedule.positionOf(slot), 'believed'))
    schedule.adjust(now)
    for (let left = Math.min(64, schedule.rate.permits(now)); left > 0; left--) {
      const slot = schedule.next(now)
      if (slot < 0) break
      schedule.noteSent(slot, now)
      const position = schedule.positionOf(slot)
      const tries = schedule.triesOf(slot)
      sends.push({ at: now, position, host: schedule.target.host, tries })
      if (!mute[position] && random() >= loss)
        answers.push({ at: now + rtt * (1 + random()), position, tries, sentAt: now })
    }
    const { open, closed, filtered, openFiltered } = schedule.ledger.advance()
    expect(schedule.ledger.resolvedUpTo).toBe(frontier + open + closed + filtered + openFiltered)
    frontier = schedule.ledger.resolvedUpTo
    const wait = Math.min(schedule.pause(now, true), (answers.at(-1)?.at ?? Number.POSITIVE_INFINITY) - now)
    now += Math.max(0.25, Number.isFinite(wait) ? wait : 1)
  }
  return { schedule, sends, verdicts, mute, size: space.size, took: now - 5000 }
}

const worlds = fc.record({
  hosts: fc.integer({ min: 1, max: 6 }),
  ports: fc.integer({ min: 1, max: 60 }),
  rtt: fc.double({ min: 0.1, max: 300, noNaN: true }),
  silent: fc.double({ min: 0, max: 1, noNaN: true }),
  loss: fc.double({ min: 0, max: 0.3, noNaN: true }),
  rate: fc.oneof(fc.constant('max' as const), fc.integer({ min: 50, max: 20_000 })),
  perHostRate: fc.oneof(fc.constant('max' as const), fc.integer({ min: 20, max: 2000 })),
  window: fc.constantFrom(4, 64, 1024),
})

function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('Schedule', () => {
  it('makes every position final once, asks silent ones again, and keeps both limits, in any world', () => {
    fc.assert(
      fc.property(worlds, fc.integer(), (world, seed) => {
        const { sends, verdicts, mute, size } = play(world, generator(seed))
        expect(verdicts.size).toBe(size)
        const tries = new Map<number, number>()
        for (const { position, tries: number } of sends) {
          expect(number).toBe((tries.get(position) ?? 0) + 1)
          tries.set(position, number)
        }
        for (const [position, verdict] of verdicts) {
          if (verdict === 'answered') expect(mute[position]).toBe(false)
          else expect(tries.get(position)).toBeGreaterThanOrEqual(2)
        }
        const within = (list: readonly { at: number }[], limit: number | 'max', slack: number) => {
          if (limit === 'max') return
          // Any stretch of time: no more than the rate, a burst of what 2 ms or one turn hold, and rounding.
          const seconds = ((list.at(-1)?.at ?? 0) - (list[0]?.at ?? 0)) / 1000
          expect(list.length).toBeLessThanOrEqual(limit * 1.08 * seconds + slack)
        }
        within(sends, world.rate, 3 + Number(world.rate) * 0.003)
        for (let host = 0; host < world.hosts; host++) {
          const own = sends.filter((send) => send.host === host)
          within(own, world.perHostRate, 2)
          if (world.perHostRate === 'max') continue
          const gap = 1000 / world.perHostRate
          // A turn that comes while the scan's own limit is spent is caught up, never two for one.
          for (let i = 8; i < own.length; i++) expect(own[i]!.at - own[i - 8]!.at).toBeGreaterThan(gap * 3)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('obeys a fixed number of retries', () => {
    const world = {
      hosts: 2,
      ports: 20,
      rtt: 10,
      silent: 1,
      loss: 0,
      rate: 'max',
      perHostRate: 'max',
      window: 64,
    } as const
    for (const retries of [0, 1, 4]) {
      const { sends } = play({ ...world, retries }, generator(1))
      expect(sends.length).toBe(40 * (retries + 1))
    }
  })

  it('asks more often where more is lost, and says how much that was', () => {
    const world = { hosts: 5, ports: 200, rtt: 20, silent: 0.3, rate: 5000, perHostRate: 'max', window: 1024 } as const
    const clean = play({ ...world, loss: 0 }, generator(2))
    const lossy = play({ ...world, loss: 0.1 }, generator(2))
    const missed = [...lossy.verdicts].filter(([position, verdict]) => verdict === 'believed' && !lossy.mute[position])
    expect(clean.schedule.lossEstimate).toBe(0)
    expect(lossy.schedule.lossEstimate).toBeGreaterThan(0.06)
    expect(lossy.schedule.lossEstimate).toBeLessThan(0.14)
    expect(lossy.sends.length).toBeGreaterThan(clean.sends.length * 1.3)
    expect(missed.length).toBeLessThanOrEqual(1)
    expect(lossy.schedule.recallEstimate).toBeGreaterThan(0.995)
  })

  it('repeats, without counting it, what was under way while the link was down', () => {
    const space = spaceOf('tcp', ['10.0.0.1'], [80])
    const task = { space, from: 0, to: 1, record: 'all' as const, retries: 0 }
    const schedule = new Schedule({ task, now: 0, window: 4, silence: 'filtered' })
    const slot = schedule.next(0)
    schedule.noteSent(slot, 0)
    schedule.noteTrouble(100, 5000)
    const seen: boolean[] = []
    schedule.expire(5000, (_, final) => seen.push(final))
    expect(seen).toEqual([false])
    expect(schedule.next(5001)).toBe(slot)
    schedule.noteSent(slot, 5001)
    schedule.expire(15_000, (_, final) => seen.push(final))
    expect(seen).toEqual([false, true])
    expect(schedule.ledger.advance()).toMatchObject({ filtered: 1 })
  })
})
