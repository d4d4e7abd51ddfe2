import { createDb } from '@portolan/db/client.ts'
import { expect, onTestFinished, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { testApi } from './test-api.ts'

const DAY = 86_400_000
const until = (days: number) => ({ sha256: 'ab', notAfter: new Date(Date.now() + days * DAY).toISOString() })

test('Prometheus is told what is exposed, without a single address', async () => {
  const api = await testApi()
  const db = createDb(api.databaseUrl)
  onTestFinished(() => db.close())
  const rules = [{ id: 'must', effect: 'require', targets: ['127.0.0.1'], ports: '9', severity: 'critical' }]
  await api.send('POST', '/v1/policies', { name: 'perimeter', document: { severity: 'high', rules } })
  const web = { name: 'https' }
  await pastScan(db.pool, {
    seen: [
      { at: '127.0.0.1:22' },
      { at: '127.0.0.2:23' },
      { at: '127.0.0.3:80', service: web, certificate: until(-1) },
      { at: '127.0.0.4:80', service: web, certificate: until(20) },
    ],
  })
  const { text } = await api.send('GET', '/metrics')
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    )
  expect(value('portolan_unexpected_open{policy="perimeter",severity="high"}')).toBe(4)
  expect(value('portolan_unexpected_open{policy="perimeter",severity="low"}')).toBe(0)
  expect(value('portolan_unexpected_closed{policy="perimeter",severity="critical"}')).toBe(1)
  expect(value('portolan_open_ports{vantage="default",transport="tcp"}')).toBe(4)
  expect([0, 7, 30].map((days) => value(`portolan_certificates_expiring{within="${days}"}`))).toEqual([1, 1, 2])
  const next = value('portolan_certificate_next_expiry_timestamp_seconds') * 1000 - Date.now()
  expect(next / DAY).toBeCloseTo(20, 1)
  expect(text).not.toContain('127.0.0')
})

test('when each schedule last succeeded; however many there are, the series are few', async () => {
  const api = await testApi()
  await api.query(
    `INSERT INTO schedules (project_id, name, request, every_seconds, paused)
     SELECT p.id, 'schedule ' || n, '{}', 3600, true FROM projects p, generate_series(1, 250) n`,
  )
  await api.query(
    `INSERT INTO policies (project_id, name, document)
     SELECT p.id, 'policy ' || n, '{"otherwise": "allow", "rules": []}' FROM projects p, generate_series(1, 250) n`,
  )
  // Results that are imported name any vantage they like.
  await api.query(
    `INSERT INTO endpoints (project_id, ip, port, transport, vantage, state, first_seen, last_seen, last_changed)
     SELECT p.id, '127.0.0.1', 22, 'tcp', 'place-' || n, 'open', now(), now(), now() FROM projects p, generate_series(1, 250) n`,
  )
  const scan = (ended: string, status: string) =>
    api.query(
      `INSERT INTO scans (project_id, request, seed, vantages, status, schedule_id, finished_at)
       SELECT project_id, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', $2, id, $1
       FROM schedules WHERE name = 'schedule 1'`,
      [ended, status],
    )
  await scan('2026-01-02T00:00:00Z', 'completed')
  await scan('2026-01-03T00:00:00Z', 'completed')
  await scan('2026-01-04T00:00:00Z', 'failed')
  const { text } = await api.send('GET', '/metrics')
  const series = text.split('\n').filter((line) => line.startsWith('portolan_schedule_last_success'))
  const last = Date.parse('2026-01-03T00:00:00Z') / 1000
  expect(series).toEqual([`portolan_schedule_last_success_timestamp_seconds{schedule="schedule 1"} ${last}`])
  expect(text.split('\n').filter((line) => line.startsWith('portolan_open_ports{'))).toHaveLength(200)
  const unexpected = text.split('\n').filter((line) => line.startsWith('portolan_unexpected_open{'))
  expect(unexpected).toHaveLength(200 * 5)
})

test('what has one name in two projects is counted together, and late when one of them is', async () => {
  const api = await testApi()
  await api.query(`INSERT INTO projects (name) VALUES ('other')`)
  await api.query(
    `INSERT INTO policies (project_id, name, document) SELECT id, 'perimeter', '{"rules": []}' FROM projects`,
  )
  await api.query(
    `INSERT INTO findings (project_id, policy_id, rule_id, subject, severity, detail, opened_at, updated_at)
     SELECT project_id, id, 'otherwise', 'x', 'high', '{"kinds": ["unexpected-open"]}', now(), now() FROM policies`,
  )
  await api.query(
    `INSERT INTO schedules (project_id, name, request, every_seconds, paused) SELECT id, 'daily', '{}', 3600, true FROM projects`,
  )
  await api.query(
    `INSERT INTO scans (project_id, request, seed, vantages, status, schedule_id, finished_at)
     SELECT project_id, '{}', '\\x00112233445566778899aabbccddeeff', '{default}', 'completed', id,
       '2026-01-01T00:00:00Z'::timestamptz + row_number() OVER (ORDER BY id) * interval '1 day' FROM schedules`,
  )
  const { text } = await api.send('GET', '/metrics')
  expect(text).toContain('portolan_unexpected_open{policy="perimeter",severity="high"} 2\n')
  const first = Date.parse('2026-01-02T00:00:00Z') / 1000
  expect(text).toContain(`portolan_schedule_last_success_timestamp_seconds{schedule="daily"} ${first}\n`)
})
