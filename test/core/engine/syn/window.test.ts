import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecordWriter, readRecords } from '#core/engine/syn/records.ts'
import { ScanClock } from '#core/engine/syn/scan-clock.ts'
import { CLOSED, codeOf, countStates, OPEN, SILENT, VERDICT_COUNT, verdictOf } from '#core/engine/syn/verdict.ts'
import { NONE, Window } from '#core/engine/syn/window.ts'
import { Witnesses } from '#core/engine/syn/witnesses.ts'

test('a window counts every position exactly once, whatever the order of verdicts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.integer({ min: 0, max: 200 }),
      fc.array(fc.record({ open: fc.nat(20), settle: fc.nat(63), code: fc.constantFrom(OPEN, CLOSED, SILENT) })),
      (from, length, steps) => {
        const window = new Window(from, from + length, 64)
        const truth = new Map<number, number>()
        const passed: number[] = []
        const tally = new Uint32Array(VERDICT_COUNT)
        const settle = (position: number, code: number) => {
          const slot = window.slotOf(position)
          if (slot === NONE || truth.has(position)) return
          expect(window.positionOf(slot)).toBe(position)
          window.settle(slot, code)
          truth.set(position, code)
        }
        const advance = () => window.advance(tally, () => passed.push(window.base))
        for (const { open, settle: at, code } of steps) {
          for (let i = 0; i < open && window.room > 0; i++) window.open()
          settle(window.base + at, code)
          advance()
        }
        while (!window.isDone) {
          while (window.room > 0) window.open()
          for (let position = window.base; position < window.next; position++) settle(position, CLOSED)
          advance()
        }
        expect(passed).toEqual(Array.from({ length }, (_, i) => from + i))
        expect(tally[OPEN]).toBe([...truth.values()].filter((code) => code === OPEN).length)
        const { open, closed, filtered } = countStates(tally)
        expect(open + closed + filtered).toBe(length)
      },
    ),
  )
})

test('nothing outside the window has a slot, and a queued slot is not reused', () => {
  const window = new Window(100, 1000, 16)
  for (let i = 0; i < 16; i++) window.open()
  expect([window.slotOf(99), window.slotOf(116), window.slotOf(5e15), window.room]).toEqual([NONE, NONE, NONE, 0])
  const slot = window.slotOf(100)
  window.settle(slot, CLOSED)
  window.queued[slot] = 1
  window.advance(new Uint32Array(VERDICT_COUNT), () => {})
  expect(window.base).toBe(100)
  window.queued[slot] = 0
  window.advance(new Uint32Array(VERDICT_COUNT), () => {})
  expect([window.base, window.room]).toEqual([101, 1])
})

test('records survive the crossing between threads', () => {
  const writer = new RecordWriter()
  const target = { family: 4 as const, v4: 0xc612_0304, v6: new Uint8Array(16), port: 443, host: 0 }
  const v6 = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
  writer.add(2 ** 45, OPEN, target, 1.25)
  writer.add(7, codeOf('admin-prohibited'), { ...target, family: 6, v6, port: 22 }, null)
  writer.addSender({ family: 4, v4: 0x0a00_0001, v6 })
  for (let i = 0; i < 200; i++) writer.add(i, CLOSED, target, i)
  const results = readRecords(writer.take())
  expect(results.slice(0, 2)).toEqual([
    { position: 2 ** 45, ip: '198.18.3.4', port: 443, state: 'open', reason: 'syn-ack', rtt: 1.25 },
    {
      position: 7,
      ip: '2001:db8::1',
      port: 22,
      state: 'filtered',
      reason: 'admin-prohibited',
      rtt: null,
      from: '10.0.0.1',
    },
  ])
  expect(results.length).toBe(202)
  expect(readRecords(writer.take())).toEqual([])
  expect(verdictOf(codeOf('ttl-exceeded'))).toEqual({ state: 'filtered', reason: 'ttl-exceeded' })
})

describe('time', () => {
  test('a stop does not count, waiting on purpose and a busy machine do', () => {
    let time = 1000
    const clock = new ScanClock(() => time)
    const start = clock.now()
    time += 100
    expect(clock.now() - start).toBe(100)
    clock.expect(2000)
    time += 2100
    expect(clock.now() - start).toBe(2200)
    time += 3_600_000
    expect(clock.now() - start).toBe(2200)
    time -= 500
    expect(clock.now() - start).toBe(2200)
  })

  test('a gap between signs of life is told once, from its beginning; a late answer makes none', () => {
    const witnesses = new Witnesses()
    const target = { family: 4 as const, v4: 1, v6: new Uint8Array(16), port: 80, host: 0 }
    witnesses.noteAlive(10)
    witnesses.offer(target, 0)
    expect(witnesses.due(50, 100)).toBeNull()
    expect(witnesses.due(150, 100)).toMatchObject({ port: 80 })
    witnesses.noteTestimony(witnesses.ask(150))
    expect([witnesses.aliveAt, witnesses.takeGap()]).toEqual([150, Number.POSITIVE_INFINITY])
    for (const now of [250, 350, 450, 1650]) witnesses.ask(now)
    expect(witnesses.silence(1650)).toBe(1400)
    witnesses.noteAlive(120)
    expect(witnesses.takeGap()).toBe(Number.POSITIVE_INFINITY)
    witnesses.noteAlive(1650)
    expect([witnesses.takeGap(), witnesses.takeGap()]).toEqual([150, Number.POSITIVE_INFINITY])
  })
})
