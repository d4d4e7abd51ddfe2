import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({ importBytes: 5_000_000 })
})
afterAll(() => api.stop())

const XML = `<?xml version="1.0"?>
<nmaprun scanner="nmap" args="nmap -p 22,80 192.0.2.0/30" start="1700000000" version="7.93" xmloutputversion="1.05">
<scaninfo type="syn" protocol="tcp" numservices="2" services="22,80"/>
<host starttime="1700000001" endtime="1700000005"><status state="up" reason="echo-reply"/><address addr="192.0.2.1" addrtype="ipv4"/>
<ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="63"/>
<service name="ssh" product="OpenSSH" version="9.2p1" method="probed" conf="10"/></port>
<port protocol="tcp" portid="80"><state state="closed" reason="reset" reason_ttl="63"/></port></ports></host>
<host><status state="up" reason="echo-reply"/><address addr="192.0.2.2" addrtype="ipv4"/></host>
<runstats><finished time="1700000060"/><hosts up="2" down="0" total="2"/></runstats></nmaprun>`
const MASSCAN = `[
{"ip": "192.0.2.9", "timestamp": "1700000500", "ports": [{"port": 443, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 60}]},
{"ip": "not an address", "ports": [{"port": 1, "proto": "tcp", "status": "open"}]}
]`

const send = (body: string, type: string, query = '') =>
  api.send('POST', `/v1/imports${query}`, body, { 'Content-Type': type })

test('nmap XML becomes a past scan, at its own time, with its results', async () => {
  const { status, json, headers } = await send(XML, 'application/xml', '?vantage=office&label=audit')
  expect(status).toBe(201)
  expect(json).toMatchObject({
    format: 'nmap-xml',
    report: { scanner: 'nmap', version: '7.93', hosts: 2, endpoints: 2, complete: true, skipped: 0 },
  })
  expect((await api.send('GET', headers.get('location') ?? '')).json).toEqual(json)
  const scan = await api.send('GET', `/v1/scans/${json.scanId}`)
  expect(scan.json).toMatchObject({
    status: 'completed',
    label: 'audit',
    vantages: ['office'],
    targets: ['192.0.2.1-192.0.2.2'],
    ports: '22,80',
    hosts: 2,
    startedAt: '2023-11-14T22:13:20.000Z',
    finishedAt: '2023-11-14T22:14:20.000Z',
    progress: { percent: 100, open: 1 },
  })
  const { items } = (await api.send('GET', `/v1/scans/${json.scanId}/results`)).json as { items: Json[] }
  expect(items).toMatchObject([
    { ip: '192.0.2.1', port: 22, state: 'open', vantage: 'office', service: { product: 'OpenSSH', version: '9.2p1' } },
    { ip: '192.0.2.1', port: 80, state: 'closed', reason: 'reset' },
  ])
  const rerun = await api.send('POST', `/v1/scans/${json.scanId}/rerun`)
  expect(rerun.json).toMatchObject({ type: '/problems/out-of-scope' })
})

test('the same file is imported once, also when it comes three times at once', async () => {
  const before = Number((await api.query('SELECT count(*)::int AS n FROM scans'))[0]?.n)
  const body = XML.replace('192.0.2.1', '192.0.2.111')
  const replies = await Promise.all([1, 2, 3].map(() => send(body, 'text/xml')))
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 201])
  expect(new Set(replies.map(({ json }) => json.id)).size).toBe(1)
  const after = Number((await api.query('SELECT count(*)::int AS n FROM scans'))[0]?.n)
  expect(after).toBe(before + 1)
})

test('masscan is read, and what cannot be is told with its line', async () => {
  const { json } = await send(MASSCAN, 'application/json')
  expect(json).toMatchObject({
    format: 'masscan',
    report: { endpoints: 1, skipped: 1, complete: true, problems: [{ line: 3 }] },
  })
  const list = await send('#masscan\nopen tcp 25 192.0.2.10 1700000600\n# end\n', 'text/plain')
  expect(list.json).toMatchObject({ report: { endpoints: 1, hosts: 1 } })
})

test('our own NDJSON comes back as it went out', async () => {
  const { json: first } = await send(XML.replace('"22"', '"2222"'), 'application/xml')
  const exported = await api.send('GET', `/v1/scans/${first.scanId}/results?format=ndjson`)
  const { json: second } = await send(exported.text, 'application/x-ndjson')
  const keys = ({ ip, port, state, reason, service }: Json) => ({
    ip,
    port,
    state,
    reason,
    product: (service as Json)?.product,
  })
  const read = async ({ scanId }: Json) =>
    ((await api.send('GET', `/v1/scans/${scanId}/results`)).json as { items: Json[] }).items.map(keys)
  expect(await read(second)).toEqual(await read(first))
})

test('masscan’s JSON goes out and comes back', async () => {
  const { json: first } = await send(XML.replace('"22"', '"2323"'), 'application/xml')
  const { text, headers } = await api.send('GET', `/v1/scans/${first.scanId}/results?format=masscan`)
  expect(headers.get('content-type')).toMatch(/^application\/x-masscan-json/)
  expect(JSON.parse(text)).toMatchObject([
    {
      ip: '192.0.2.1',
      timestamp: '1700000000',
      ports: [{ port: 80, proto: 'tcp', status: 'closed', reason: 'reset' }],
    },
    { ip: '192.0.2.1', ports: [{ port: 2323, proto: 'tcp', status: 'open', reason: 'syn-ack' }] },
    { ports: [{ port: 2323, service: { name: 'ssh', banner: 'OpenSSH 9.2p1' } }] },
  ])
  const { json: second } = await send(text, 'application/json')
  expect(second).toMatchObject({ report: { skipped: 0, complete: true } })
  const { items } = (await api.send('GET', `/v1/scans/${second.scanId}/results`)).json as { items: Json[] }
  expect(items).toMatchObject([
    { ip: '192.0.2.1', port: 80, state: 'closed' },
    { ip: '192.0.2.1', port: 2323, state: 'open', service: { name: 'ssh', info: 'OpenSSH 9.2p1' } },
  ])
})

test('a file in a format we only write is told which ones are read', async () => {
  const { json: first } = await send(XML.replace('"22"', '"2424"'), 'application/xml')
  for (const format of ['csv', 'gnmap', 'json']) {
    const { text } = await api.send('GET', `/v1/scans/${first.scanId}/results?format=${format}`)
    const { status, json } = await send(text, 'text/plain')
    expect(status, format).toBe(422)
    expect(json.errors).toMatchObject([{ detail: expect.stringMatching(/nmap-xml.*masscan.*ndjson/) }])
  }
})

test('a file that ends early is partial', async () => {
  const { json } = await send(XML.slice(0, XML.indexOf('<runstats>')).replace('7.93', '7.94'), 'text/xml')
  expect(json).toMatchObject({ report: { complete: false, endpoints: 2 } })
  const scan = await api.send('GET', `/v1/scans/${json.scanId}`)
  expect(scan.json).toMatchObject({ status: 'partial', statusReason: 'the imported file ends early' })
})

test('what is not a result file is refused, and leaves nothing', async () => {
  const count = () => api.query('SELECT (SELECT count(*) FROM imports) AS i, (SELECT count(*) FROM observations) AS o')
  const before = await count()
  expect((await send('{"ip":', 'application/xml')).json).toMatchObject({ type: '/problems/validation', status: 422 })
  expect((await send('', 'application/x-ndjson')).json).toMatchObject({ type: '/problems/validation' })
  expect((await send('x', 'image/png')).json).toMatchObject({ type: '/problems/unsupported-media-type' })
  expect((await send(XML, 'text/xml', '?format=pdf')).json).toMatchObject({ type: '/problems/validation' })
  const large = await send('x'.repeat(6_000_000), 'text/plain')
  expect(large.json).toMatchObject({ type: '/problems/body-too-large', status: 413 })
  expect(await count()).toEqual(before)
})

test('a sender who breaks off leaves nothing, and the service goes on', async () => {
  const { hostname, port } = new URL(api.url)
  const headers = { Authorization: `Bearer ${api.key}`, 'Content-Type': 'text/plain' }
  const broken = request({ hostname, port, method: 'POST', path: '/v1/imports', headers })
  broken.on('error', () => {})
  broken.write('open tcp 25 192.0.2.77 1700000600\n')
  await new Promise((resolve) => setTimeout(resolve, 100))
  broken.destroy()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await api.query(`SELECT 1 FROM observations WHERE ip = '192.0.2.77'`)).toEqual([])
  expect((await api.send('GET', '/v1/imports?limit=1')).status).toBe(200)
})
