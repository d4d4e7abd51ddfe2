import { flawOfCron, flawOfJitter, runsAfter, type Timing } from '@portolan/api/schedules/run-times.ts'
import { describe, expect, test } from 'vitest'

const timing = (more: Partial<Timing>): Timing => ({
  id: '0198c8f4-7b1e-7c2a-9f60-3a1d5e8b2c47',
  cron: null,
  timeZone: 'Europe/Berlin',
  everySeconds: null,
  jitterSeconds: 0,
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
