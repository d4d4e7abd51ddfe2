/** How fast, and when: what of it may be said at the start, changed on the way, and set for all. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.stop())

const start = (wish: object = {}) => api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-100', ...wish })

test('the rates of a scan are changed while it is under way; what is left out stays, null lifts', async () => {
  const { json: scan } = await start({ rate: 500, perHostRate: 100 })
  const path = `/v1/scans/${scan.id}`
  expect((await api.send('PATCH', path, { rate: 50 })).json).toMatchObject({ rate: 50, perHostRate: 100 })
  expect((await api.send('PATCH', path, { perHostRate: null })).json).toMatchObject({ rate: 50, perHostRate: null })
  expect(await api.send('PATCH', path, { rate: 0 })).toMatchObject({ status: 422 })
  const stale = await api.send('PATCH', path, { rate: 1 }, { 'If-Match': '"another"' })
  expect(stale.json).toMatchObject({ type: '/problems/precondition-failed' })
  await api.send('POST', `${path}/cancel`)
  expect((await api.send('PATCH', path, { rate: 1 })).json).toMatchObject({ type: '/problems/conflict' })
  const rows = await api.query("SELECT before, after FROM audit_entries WHERE action = 'scan.change' ORDER BY id")
  expect(rows[0]).toEqual({ before: { rate: 500, perHostRate: 100 }, after: { rate: 50, perHostRate: 100 } })
})

test('a scan nobody is there for says so in the answer', async () => {
  expect((await start({ vantages: ['moon', 'default'] })).json.statusReason).toBe(
    'waiting for a worker at default, moon',
  )
})

test('a scan outside of its windows says when it goes on, and a rerun has the same windows and time limit', async () => {
  const hour = new Date().getUTCHours()
  const at = (offset: number) => `${String((hour + offset) % 24).padStart(2, '0')}:00`
  const windows = { zone: 'UTC', ranges: [{ from: at(2), to: at(3) }] }
  const { json: scan } = await start({ windows, timeoutSeconds: 60 })
  expect(scan.statusReason).toMatch(new RegExp(`^outside its windows; goes on at .*T${at(2)}Z$`))
  const again = await api.send('POST', `/v1/scans/${scan.id}/rerun`)
  expect(again.json).toMatchObject({ windows, timeoutSeconds: 60 })
  for (const wrong of [{ zone: 'Mars/Olympus' }, { ranges: [] }, { ranges: [{ from: '25:00', to: '26:00' }] }])
    expect((await start({ windows: { ...windows, ...wrong } })).status).toBe(422)
})

test('the limits of the installation are read, set and guarded like everything else', async () => {
  expect((await api.send('GET', '/v1/limits')).json).toEqual({ global: null, perHost: null, vantages: {} })
  const limits = { global: 5_000, perHost: null, vantages: { office: 100 } }
  expect((await api.send('PUT', '/v1/limits', limits)).json).toEqual(limits)
  expect((await api.send('GET', '/v1/limits')).json).toEqual(limits)
  const rows = await api.query(
    `SELECT rate_limit('global') AS global, rate_limit('perHost') AS host, rate_limit('vantage office') AS office,
       rate_limit('vantage default') AS other`,
  )
  expect(rows).toEqual([{ global: 5_000, host: null, office: 100, other: null }])
  expect(await api.send('PUT', '/v1/limits', { vantages: { office: 0 } })).toMatchObject({ status: 422 })
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`place-${i}`, 1]))
  expect((await api.send('PUT', '/v1/limits', { vantages: many })).json).toMatchObject({
    errors: [{ pointer: '#/vantages', detail: 'must have at most 1000 vantages' }],
  })
  expect((await api.send('PUT', '/v1/limits', { vantages: { 'The Office': 1 } })).json).toMatchObject({
    errors: [{ pointer: '#/vantages/The Office', detail: 'its name must be lower-case letters, digits, - and _' }],
  })
})
