import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collapsePause, createHitRate, noteHit, noteMiss } from '#core/engine/hit-rate.ts'
import { createHealth, noteFailure, noteSuccess } from '#core/engine/local-health.ts'

describe('trouble of this machine', () => {
  it('pauses longer and longer under pressure, and gives up when nothing could be sent for too long', () => {
    const health = createHealth()
    let now = 1000
    const pauses: number[] = []
    while (noteFailure(health, 'pressure', now)) {
      pauses.push(health.pausedUntil - now)
      now = health.pausedUntil
    }
    expect(now).toBeGreaterThan(31_000)
    expect(now).toBeLessThan(32_100)
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    expect(pauses.at(-1)).toBe(1000)
  })

  it('is forgotten with the first probe that leaves', () => {
    const health = createHealth()
    for (let now = 0; now < 4900; now += 300) expect(noteFailure(health, 'link', now)).toBe(true)
    expect(noteSuccess(health)).toBe(0)
    expect(noteSuccess(health)).toBe(null)
    for (let now = 9000; now < 13_900; now += 300) expect(noteFailure(health, 'link', now)).toBe(true)
    expect(noteFailure(health, 'link', 14_100)).toBe(false)
  })

  it('is never waited for when waiting cannot help, and never for longer than its limit', () => {
    expect(noteFailure(createHealth(), 'fatal', 0)).toBe(false)
    const step = fc.record({ remedy: fc.constantFrom('pressure', 'link' as const), pass: fc.nat(2000) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const health = createHealth()
        let now = 0
        for (const { remedy, pass } of steps) {
          now += pass
          const goesOn = noteFailure(health, remedy, now)
          expect(health.since).not.toBe(null)
          expect(goesOn).toBe(now - (health.since ?? 0) <= (remedy === 'link' ? 5000 : 30_000))
          if (!goesOn) break
          expect(health.pausedUntil).toBeGreaterThanOrEqual(now)
          expect(health.pausedUntil - now).toBeLessThanOrEqual(1000)
        }
      }),
    )
  })
})

describe('a collapse of the hit rate', () => {
  const misses = (count: number, rate = createHitRate()) => {
    for (let i = 0; i < count; i++) noteMiss(rate, 100 + i)
    return rate
  }

  it('pauses where silence is improbable, three times, and then believes it', () => {
    const rate = misses(20)
    expect(rate.silentSince).toBe(100)
    const pauses: number[] = []
    for (let round = 0; round < 5; round++) pauses.push(collapsePause(misses(20, rate), 0.9))
    expect(pauses).toEqual([500, 1000, 2000, 0, 0])
    noteHit(rate)
    expect(collapsePause(misses(20, rate), 0.9)).toBe(500)
  })

  it('does not pause for what is everyday: filtered networks, short runs, mixed answers', () => {
    expect(collapsePause(misses(1_000_000), 0.01)).toBe(0)
    expect(collapsePause(misses(7), 0.999)).toBe(0)
    expect(collapsePause(misses(100), 0.1)).toBe(0)
    const mixed = createHitRate()
    for (let i = 0; i < 1000; i++) {
      misses(15, mixed)
      noteHit(mixed)
      expect(collapsePause(mixed, 0.5)).toBe(0)
    }
  })
})
