import { expect, test } from 'vitest'
import { testApi } from './test-api.ts'

test('retention is set, previewed without removing anything, and on record', async () => {
  const api = await testApi({ now: () => new Date('2025-06-15T00:00:00Z') })
  await api.query(`SELECT ensure_observation_partitions('2025-01-01Z', 6)`)
  for (const day of ['2025-01-10Z', '2025-03-10Z', '2025-03-11Z', '2025-03-12Z'])
    await api.query(
      `WITH made AS (
         INSERT INTO scans (id, project_id, request, seed, vantages, status, finished_at)
         SELECT uuid_v7($1), id, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', 'completed', $1 FROM projects
         RETURNING id
       ) INSERT INTO observations (scan_id, seen_at, ip, port, transport, state, vantage, reason)
       SELECT id, $1, '192.0.2.1', 22, 'tcp', 'open', 'default', 'syn-ack' FROM made`,
      [day],
    )
  expect((await api.send('GET', '/v1/retention')).json).toEqual({
    settings: { thinAfterDays: null, dropAfterDays: null },
    drop: [],
    thin: [],
  })
  const settings = { thinAfterDays: 30, dropAfterDays: 120 }
  const plan = {
    settings,
    drop: [{ month: '2025-01', scans: 1, observations: 1 }],
    thin: [{ month: '2025-03', scans: 3, observations: 3 }],
  }
  expect((await api.send('POST', '/v1/retention/preview', settings)).json).toMatchObject(plan)
  expect((await api.send('PUT', '/v1/retention', settings)).json).toMatchObject(plan)
  expect((await api.send('GET', '/v1/retention')).json).toMatchObject(plan)
  const [left] = await api.query('SELECT count(*)::int AS count FROM observations')
  expect(left).toEqual({ count: 4 })
  const audit = await api.query(`SELECT before, after FROM audit_entries WHERE action = 'retention.set'`)
  expect(audit).toEqual([{ before: { thinAfterDays: null, dropAfterDays: null }, after: settings }])
  const odd = await api.send('PUT', '/v1/retention', { thinAfterDays: 30, dropAfterDays: 30 })
  expect(odd.json).toMatchObject({ type: '/problems/validation', errors: [{ pointer: '#/dropAfterDays' }] })
})

test('scans whose results are gone say so, and are not compared', async () => {
  const api = await testApi()
  const scans = []
  for (let i = 0; i < 2; i++) scans.push((await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'] })).json.id)
  await api.query(`UPDATE scans SET results = 'dropped' WHERE id = $1`, [scans[0]])
  expect((await api.send('GET', `/v1/scans/${scans[0]}`)).json).toMatchObject({ results: 'dropped' })
  const diff = await api.send('GET', `/v1/scans/${scans[0]}/diff/${scans[1]}`)
  expect(diff.json).toMatchObject({ type: '/problems/conflict', detail: /dropped by age/ })
})
