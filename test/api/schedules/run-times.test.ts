import { flawOfCron, flawOfJitter, runsAfter, type Timing } from '@portolan/api/schedules/run-times.ts'
import { describe, expect, test } from 'vitest'

const timing = (more: Partial<Timing>): Timing => ({
  id: '0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47',
  cron: null,
  timeZone: 'Europe/Berlin',
  everySeconds: null,
  jitterSeconds: 0,
  windows: null,
  createdAt: new Date('2026-01-01T00:00:00Z'),
  ...more,
})
const next = (more: Partial<Timing>, from: string, count = 3) =>
  runsAfter(timing(more), new Date(from), count).map(({ at }) => at.toISOString().replace(':00.000Z', 'Z'))

describe('clock changes', () => {
  test('a run in the skipped hour comes right after it', () => {
    expect(next({ cron: '30 2 * * *' }, '2026-03-28T12:00Z')).toEqual([
      '2026-03-29T01:30Z', // 03:30, where 02:30 would have been
      '2026-03-30T00:30Z',
      '2026-03-31T00:30Z',
    ])
  })
  test('a run in the doubled hour comes once', () => {
    expect(next({ cron: '30 2 * * *' }, '2026-10-24T12:00Z')).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
      '2026-10-27T01:30Z',
    ])
    expect(next({ cron: '30 1 * * *', timeZone: 'America/New_York' }, '2026-11-01T00:00Z', 2)).toEqual([
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ])
  })
  test('what runs every hour or minute goes on through both', () => {
    expect(next({ cron: '0 * * * *' }, '2026-10-24T23:30Z', 4)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T01:00Z',
      '2026-10-25T02:00Z',
      '2026-10-25T03:00Z',
    ])
    expect(next({ cron: '*/30 * * * *' }, '2026-03-29T00:10Z')).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
    ])
  })
  test('an interval knows no clock', () => {
    expect(next({ everySeconds: 86_400 }, '2026-03-28T12:00Z')).toEqual([
      '2026-03-29T00:00Z',
      '2026-03-30T00:00Z',
      '2026-03-31T00:00Z',
    ])
  })
})

test('months that have no such day are left out', () => {
  expect(next({ cron: '0 0 31 * *', timeZone: 'UTC' }, '2026-01-31T12:00Z')).toEqual([
    '2026-03-31T00:00Z',
    '2026-05-31T00:00Z',
    '2026-07-31T00:00Z',
  ])
})

test('jitter is within its bounds, the same each time, another each run, and loses none', () => {
  const jittered = timing({ cron: '*/5 * * * *', jitterSeconds: 200 })
  const runs = runsAfter(jittered, new Date('2026-05-01T00:00Z'), 300)
  const late = runs.map(({ due, at }) => at.getTime() - due.getTime())
  for (const ms of late) expect(ms).toSatisfy((value: number) => value >= 0 && value < 200_000)
  expect(new Set(late).size).toBeGreaterThan(290)
  // One after the other, as the scheduler asks for them, gives the same runs.
  let at = new Date('2026-05-01T00:00Z')
  for (const run of runs) {
    const [one] = runsAfter(jittered, at, 1)
    expect(one).toEqual(run)
    at = one?.at ?? at
  }
})

test.each([
  '',
  '* * * *',
  '* * * * * *',
  '61 * * * *',
  '0 0 30 2 *',
  'every day',
  '@reboot',
  '0 25 * * *',
  `${'1,'.repeat(60)}1 * *`,
])('cron %j is refused in words', (cron) => {
  expect(flawOfCron(cron, 'UTC')).toMatch(/^(must|is)/)
})

test.each(['30 2 * * *', '*/15 8-18 * * MON-FRI', '@daily', '0 0 1 JAN *', '0 0 L * *'])(
  'cron %j is understood',
  (cron) => {
    expect(flawOfCron(cron, 'Europe/Berlin')).toBeNull()
  },
)

test('jitter longer than the gap between runs is refused', () => {
  const from = new Date('2026-05-01T00:00Z')
  expect(flawOfJitter(timing({ everySeconds: 60, jitterSeconds: 60 }), from)).toMatch(/less than the 60 seconds/)
  expect(flawOfJitter(timing({ cron: '0,1 * * * *', jitterSeconds: 90 }), from)).toMatch(/less than the 60 seconds/)
  expect(flawOfJitter(timing({ cron: '0 * * * *', jitterSeconds: 3599 }), from)).toBeNull()
})

describe('windows of the scan', () => {
  const nights = { zone: 'Europe/Berlin', ranges: [{ from: '22:00', to: '06:00' }] }
  test('a run due outside begins when the next one opens, and what is due until then is one with it', () => {
    expect(next({ cron: '0 */4 * * *', windows: nights }, '2026-01-15T00:00Z', 4)).toEqual([
      '2026-01-15T03:00Z', // 04:00
      '2026-01-15T21:00Z', // 22:00 instead of 08:00; 12:00, 16:00 and 20:00 are one with it
      '2026-01-15T23:00Z', // 00:00
      '2026-01-16T03:00Z',
    ])
  })
  test('the clock of the windows decides, also on the day it changes', () => {
    const early = { zone: 'Europe/Berlin', ranges: [{ from: '02:30', to: '04:00' }] }
    expect(next({ cron: '0 12 * * *', timeZone: 'UTC', windows: early }, '2026-03-27T18:00Z')).toEqual([
      '2026-03-29T01:30Z', // there is no 02:30
      '2026-03-30T00:30Z',
      '2026-03-31T00:30Z',
    ])
  })
  test('a weekend is found from any day of the week, however often it would run', () => {
    const windows = { zone: 'UTC', ranges: [{ days: ['sat' as const], from: '10:00', to: '10:01' }] }
    const begun = performance.now()
    expect(next({ everySeconds: 30, windows }, '2026-01-11T00:00Z')).toEqual([
      '2026-01-17T10:00Z',
      '2026-01-17T10:00:30.000Z',
      '2026-01-24T10:00Z',
    ])
    // A week of intervals is not walked through one by one, each with a look at the clock on the wall.
    expect(performance.now() - begun).toBeLessThan(2_000)
  })
  test('those that wait for the same opening begin spread over the jitter, inside the window', () => {
    const openings = ['a', 'b', 'c', 'd'].map(
      (id) => next({ id, everySeconds: 14_400, jitterSeconds: 3600, windows: nights }, '2026-01-15T05:30Z', 1)[0] ?? '',
    )
    expect(new Set(openings).size).toBe(4)
    for (const opening of openings) {
      expect(Date.parse(opening)).toBeGreaterThanOrEqual(Date.parse('2026-01-15T21:00Z'))
      expect(Date.parse(opening)).toBeLessThan(Date.parse('2026-01-15T22:00Z'))
    }
  })
})
