import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterQuietHours, nextDigest } from '#core/exposure/quiet-hours.ts'
import { isTimeZone, nextAt, wallTime } from '#core/exposure/wall-clock.ts'

const at = (text: string) => Date.parse(text)
const iso = (moment: number) => new Date(moment).toISOString()
const BERLIN = 'Europe/Berlin'

test('the wall of a zone is read, and a reading found again', () => {
  expect(iso(wallTime(at('2026-07-01T10:15:30Z'), BERLIN))).toBe('2026-07-01T12:15:30.000Z')
  expect(iso(wallTime(at('2026-01-01T23:30:00Z'), 'Asia/Kathmandu'))).toBe('2026-01-02T05:15:00.000Z')
  expect(iso(nextAt(at('2026-01-01T23:30:00Z'), '05:15', 'Asia/Kathmandu'))).toBe('2026-01-02T23:30:00.000Z')
  expect(iso(nextAt(at('2026-12-31T23:59:59Z'), '00:00', 'UTC'))).toBe('2027-01-01T00:00:00.000Z')
  expect([isTimeZone(BERLIN), isTimeZone('Mars/Olympus'), isTimeZone('')]).toEqual([true, false, false])
})

test('an hour that is skipped and one that is there twice', () => {
  // On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, on 25 October from 03:00 to 02:00.
  expect(iso(nextAt(at('2026-03-28T12:00:00Z'), '02:30', BERLIN))).toBe('2026-03-29T01:30:00.000Z')
  expect(iso(nextAt(at('2026-03-29T12:00:00Z'), '02:30', BERLIN))).toBe('2026-03-30T00:30:00.000Z')
  expect(iso(nextAt(at('2026-10-24T12:00:00Z'), '02:30', BERLIN))).toBe('2026-10-25T00:30:00.000Z')
  expect(iso(nextAt(at('2026-10-25T00:30:00Z'), '02:30', BERLIN))).toBe('2026-10-26T01:30:00.000Z')
})

test('what happens in quiet hours is told when they end, everything else at once', () => {
  const night = { timeZone: BERLIN, quietHours: { from: '22:00', to: '07:00' } }
  expect(iso(afterQuietHours(at('2026-07-01T19:59:00Z'), night))).toBe('2026-07-01T19:59:00.000Z')
  expect(iso(afterQuietHours(at('2026-07-01T20:00:00Z'), night))).toBe('2026-07-02T05:00:00.000Z')
  expect(iso(afterQuietHours(at('2026-07-02T04:59:00Z'), night))).toBe('2026-07-02T05:00:00.000Z')
  expect(iso(afterQuietHours(at('2026-07-02T05:00:00Z'), night))).toBe('2026-07-02T05:00:00.000Z')
  const lunch = { timeZone: 'UTC', quietHours: { from: '12:00', to: '13:00' } }
  expect(iso(afterQuietHours(at('2026-07-01T12:30:00Z'), lunch))).toBe('2026-07-01T13:00:00.000Z')
  expect(iso(afterQuietHours(at('2026-07-01T13:00:00Z'), lunch))).toBe('2026-07-01T13:00:00.000Z')
})

test('the night on which the clocks change is no longer than it is', () => {
  const night = { timeZone: BERLIN, quietHours: { from: '22:00', to: '02:30' } }
  // Back from 03:00 to 02:00 at 01:00Z: 02:10 comes again, and 02:30 after it.
  expect(iso(afterQuietHours(at('2026-10-24T20:00:00Z'), night))).toBe('2026-10-25T00:30:00.000Z')
  expect(iso(afterQuietHours(at('2026-10-25T01:10:00Z'), night))).toBe('2026-10-25T01:30:00.000Z')
  expect(iso(afterQuietHours(at('2026-10-25T01:30:00Z'), night))).toBe('2026-10-25T01:30:00.000Z')
  // Forward from 02:00 to 03:00 at 01:00Z: there is no 02:30.
  expect(iso(afterQuietHours(at('2026-03-29T00:50:00Z'), night))).toBe('2026-03-29T01:30:00.000Z')
  expect(iso(afterQuietHours(at('2026-03-29T01:00:00Z'), night))).toBe('2026-03-29T01:00:00.000Z')
})

test('whenever it happens, it is told within a day', () => {
  const clock = fc.nat(1439).map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16))
  const zones = fc.constantFrom(BERLIN, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'UTC')
  const moment = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') })
  // Around the changes, where everything goes wrong that can.
  const change = fc.tuple(
    fc.constantFrom('2026-03-29', '2026-10-25', '2026-11-01', '2026-03-08', '2026-04-05'),
    fc.nat(1439),
  )
  const near = change.map(([day, minute]) => at(`${day}T00:00:00Z`) + minute * 60_000)
  fc.assert(
    fc.property(fc.oneof(moment, near), clock, clock, zones, (now, from, to, timeZone) => {
      const told = afterQuietHours(now, { timeZone, quietHours: { from, to } })
      expect(told).toBeGreaterThanOrEqual(now)
      expect(told - now).toBeLessThanOrEqual(25 * 3_600_000)
    }),
    { numRuns: 500 },
  )
})

test('the daily digest is due at its time, after the quiet hours', () => {
  const times = { timeZone: BERLIN, quietHours: null, digestAt: '06:00' }
  expect(iso(nextDigest(at('2026-07-01T04:00:00Z'), times))).toBe('2026-07-02T04:00:00.000Z')
  const quiet = { ...times, quietHours: { from: '22:00', to: '07:00' } }
  expect(iso(nextDigest(at('2026-07-01T04:00:00Z'), quiet))).toBe('2026-07-02T05:00:00.000Z')
})
