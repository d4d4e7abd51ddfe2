/** A project with one of each resource: for tests that go through every route there is. */
import type { TestApi } from './test-api.ts'

/** The ids by resource, the word in the path; the key is not the one that is used, the scan has ended. */
export async function oneOfEverything(api: Pick<TestApi, 'send' | 'query'>): Promise<ReadonlyMap<string, string>> {
  const things = new Map<string, string>()
  const scan = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })
  await api.send('POST', `/v1/scans/${scan.json.id}/cancel`)
  const key = await api.send('POST', '/v1/keys', { name: 'x', scopes: ['read'] })
  const scope = await api.send('POST', '/v1/scopes', { cidr: '192.0.2.0/24', owner: 'x', reason: 'x' })
  const banned = await api.send('POST', '/v1/do-not-scan', { cidr: '192.0.2.9', reason: 'x' })
  const list = 'open tcp 25 192.0.2.9 1700000000\n'
  const taken = await api.send('POST', '/v1/imports', list, { 'Content-Type': 'text/plain' })
  const made = { scans: scan, keys: key, scopes: scope, 'do-not-scan': banned, imports: taken }
  for (const [resource, { json }] of Object.entries(made)) things.set(resource, String(json.id))
  await api.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at, detection, method, service)
     VALUES ($1, 'default', '127.0.0.1', 'tcp', 22, 'open', 'conn-accept', now(), 'identified', 'probed', 'ssh')`,
    [scan.json.id],
  )
  const remembered = await api.query(
    `INSERT INTO endpoints (project_id, vantage, ip, transport, port, state, first_seen, last_seen, last_changed, service)
     SELECT id, 'default', '127.0.0.1', 'tcp', 22, 'open', now(), now(), now(), 'ssh' FROM projects RETURNING id`,
  )
  const { json: webhook } = await api.send('POST', '/v1/webhooks', {
    name: 'x',
    url: 'https://hooks.example.org/',
    events: ['*'],
  })
  const delivery = await api.send('POST', `/v1/webhooks/${webhook.id}/test`)
  things.set('webhooks', String(webhook.id)).set('deliveries', String(delivery.json.id))
  const report = { host: 'x', addresses: ['127.0.0.1'], listeners: [] }
  things.set('listeners', String((await api.send('POST', '/v1/listeners', report)).json.id))
  const daily = { name: 'x', scan: { targets: ['127.0.0.1'], ports: '22' }, everySeconds: 86_400 }
  things.set('schedules', String((await api.send('POST', '/v1/schedules', daily)).json.id))
  await api.send('PUT', '/v1/tags/tag-of-this-project', { targets: ['192.0.2.0/24'] })
  things.set('tags', 'tag-of-this-project')
  const policy = await api.send('POST', '/v1/policies', { name: 'x', document: {} })
  things.set('endpoints', String(remembered[0]?.id)).set('policies', String(policy.json.id))
  const finding = await api.query(
    `INSERT INTO findings (project_id, policy_id, rule_id, subject, severity, detail, opened_at, updated_at)
     SELECT project_id, id, 'otherwise', 'x', 'low', $1, now(), now() FROM policies RETURNING id`,
    [{ endpoint: { vantage: 'default', ip: '127.0.0.1', transport: 'tcp', port: 22 }, kinds: [], text: 'x' }],
  )
  things.set('findings', String(finding[0]?.id))
  return things
}
