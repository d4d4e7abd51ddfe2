import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimerWheel } from '#core/engine/timer-wheel.ts'

describe('TimerWheel', () => {
  it('fires every timer once, never early, at most a millisecond late, whatever is set, moved and cancelled', () => {
    const step = fc.record({
      slot: fc.nat(15),
      delay: fc.oneof(fc.double({ min: 0, max: 50, noNaN: true }), fc.double({ min: 0, max: 30_000, noNaN: true })),
      cancel: fc.boolean(),
      pass: fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 20_000, noNaN: true })),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(1e6), (steps, start) => {
        let now = start
        const wheel = new TimerWheel(16, now)
        const due = new Map<number, number>()
        const pass = (to: number) => {
          now = to
          wheel.advance(now, (slot) => {
            expect(due.get(slot)).toBeLessThanOrEqual(now)
            due.delete(slot)
          })
          for (const at of due.values()) expect(at).toBeGreaterThan(now - 1)
          expect(wheel.count).toBe(due.size)
          const earliest = Math.min(...due.values())
          if (earliest - now < 8000) expect(now + wheel.pause(now)).toBeLessThanOrEqual(Math.max(now, earliest) + 1)
        }
        for (const { slot, delay, cancel, pass: by } of steps) {
          if (cancel) {
            wheel.cancel(slot)
            due.delete(slot)
          } else {
            wheel.set(slot, now + delay)
            due.set(slot, now + delay)
          }
          pass(now + by)
        }
        for (let i = 0; i < 10 && due.size > 0; i++) pass(now + 8000)
        expect(due.size).toBe(0)
        expect(wheel.pause(now)).toBe(Number.POSITIVE_INFINITY)
      }),
      { numRuns: 300 },
    )
  })

  it('lets a firing timer set itself again without firing twice in one turn, and survives a clock that goes back', () => {
    const wheel = new TimerWheel(2, 1000)
    let fired = 0
    wheel.set(0, 900)
    const again = (slot: number) => {
      fired++
      wheel.set(slot, 0)
    }
    wheel.advance(1005, again)
    expect(fired).toBe(1)
    wheel.advance(500, again)
    expect(fired).toBe(1)
    wheel.advance(1006, again)
    expect(fired).toBe(2)
  })
})
