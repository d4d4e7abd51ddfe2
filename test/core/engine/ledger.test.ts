import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PortState } from '#core/engine/engine.ts'
import { Ledger } from '#core/engine/ledger.ts'

const STATES = ['open', 'closed', 'filtered', 'open|filtered'] as const satisfies readonly PortState[]

describe('Ledger', () => {
  it('hands out every position once, and its counts add up to what was resolved, in any order', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 50),
        fc.nat(300),
        fc.constantFrom(2, 8, 64, 1024),
        fc.infiniteStream(fc.nat(1e9)),
        (from, size, capacity, choices) => {
          const ledger = new Ledger(from, from + size, capacity)
          const waiting: number[] = []
          const truth = { open: 0, closed: 0, filtered: 0, openFiltered: 0 }
          const sum = { ...truth }
          let taken = from
          while (!ledger.done) {
            const choice = choices.next().value
            if (ledger.room > 0 && (waiting.length === 0 || choice % 3 === 0)) {
              expect(ledger.take()).toBe(taken)
              waiting.push(taken++)
              continue
            }
            const [position = -1] = waiting.splice(choice % waiting.length, 1)
            const state = STATES[choice % 4] ?? 'open'
            expect(ledger.resolve(position, state)).toBe(true)
            expect(ledger.resolve(position, 'open')).toBe(false)
            truth[state === 'open|filtered' ? 'openFiltered' : state]++
            const before = ledger.resolvedUpTo
            const counts = ledger.advance()
            const total = counts.open + counts.closed + counts.filtered + counts.openFiltered
            expect(total).toBe(ledger.resolvedUpTo - before)
            for (const key of ['open', 'closed', 'filtered', 'openFiltered'] as const) sum[key] += counts[key]
            expect(ledger.waiting).toBe(waiting.length)
            expect(taken - ledger.resolvedUpTo).toBeLessThanOrEqual(capacity)
          }
          expect(ledger.resolvedUpTo).toBe(from + size)
          expect(sum).toEqual(truth)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('ignores positions it never handed out', () => {
    const ledger = new Ledger(10, 20, 8)
    ledger.take()
    for (const position of [9, 11, 20, -1, Number.NaN, Infinity]) {
      expect(ledger.resolve(position, 'open')).toBe(false)
    }
    expect(ledger.room).toBe(7)
    expect(ledger.resolve(10, 'open')).toBe(true)
    expect(ledger.advance()).toEqual({ open: 1, closed: 0, filtered: 0, openFiltered: 0 })
    expect(ledger.room).toBe(8)
  })
})
