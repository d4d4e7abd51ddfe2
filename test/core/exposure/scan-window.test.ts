import { expect, test } from 'vitest'
import { isOpen, nextOpening, type ScanWindows } from '#core/exposure/scan-window.ts'

const at = (text: string) => new Date(text)

test('by the clock of the place, in summer and in winter', () => {
  const windows: ScanWindows = { zone: 'Europe/Berlin', ranges: [{ from: '22:00', to: '23:30' }] }
  expect(isOpen(windows, at('2026-07-01T20:00:00Z'))).toBe(true)
  expect(isOpen(windows, at('2026-07-01T21:30:00Z'))).toBe(false)
  expect(isOpen(windows, at('2026-01-01T20:59:59Z'))).toBe(false)
  expect(isOpen(windows, at('2026-01-01T21:00:00Z'))).toBe(true)
})

test('a range that ends before it begins belongs to the day on which it begins', () => {
  const windows: ScanWindows = { zone: 'UTC', ranges: [{ days: ['sat'], from: '22:00', to: '06:00' }] }
  expect(isOpen(windows, at('2026-11-28T23:00:00Z'))).toBe(true)
  expect(isOpen(windows, at('2026-11-29T05:59:00Z'))).toBe(true)
  expect(isOpen(windows, at('2026-11-29T06:00:00Z'))).toBe(false)
  expect(isOpen(windows, at('2026-11-29T22:30:00Z'))).toBe(false)
  expect(isOpen(windows, at('2026-11-28T05:00:00Z'))).toBe(false)
})

test('the whole day, and several ranges', () => {
  const windows: ScanWindows = {
    zone: 'UTC',
    ranges: [
      { days: ['sun'], from: '00:00', to: '24:00' },
      { from: '03:00', to: '04:00' },
    ],
  }
  expect(isOpen(windows, at('2026-11-29T12:00:00Z'))).toBe(true)
  expect(isOpen(windows, at('2026-11-30T00:00:00Z'))).toBe(false)
  expect(isOpen(windows, at('2026-11-30T03:30:00Z'))).toBe(true)
})

test('knows when the next one opens', () => {
  const windows: ScanWindows = { zone: 'America/New_York', ranges: [{ days: ['mon'], from: '09:15', to: '10:00' }] }
  expect(nextOpening(windows, at('2026-11-26T17:00:30Z'))).toEqual(at('2026-11-30T14:15:00Z'))
  expect(nextOpening(windows, at('2026-11-30T14:20:00Z'))).toEqual(at('2026-11-30T14:20:00Z'))
})

test('an opening that the clock shows twice is waited for until the second, not until the next day', () => {
  const early = { zone: 'Europe/Berlin', ranges: [{ from: '02:30', to: '04:00' }] }
  // 02:10, the second time.
  expect(nextOpening(early, new Date('2026-10-25T01:10Z'))?.toISOString()).toBe('2026-10-25T01:30:00.000Z')
})
