import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
let scan: Json
beforeAll(async () => {
  api = await openTestApi()
  scan = await startScan()
  await observe(scan.id)
})
afterAll(() => api.stop())

async function startScan(): Promise<Json> {
  const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.0/28', 'six.test'], ports: '1-100' })
  return json
}

/** 16 hosts, 20 TCP ports each: port 10 open with ssh, 20 open and silent, the others closed; ::1 has one on UDP. */
async function observe(scanId: unknown): Promise<void> {
  await api.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, rtt, seen_at, detection, method,
       service, product, version, cpe, confidence, evidence_text)
     SELECT $1::uuid, 'default', '127.0.0.0'::inet + host, 'tcp'::transport, port,
       CASE WHEN port IN (10, 20) THEN 'open' ELSE 'closed' END::port_state, 'conn-refused', 0.25, now(),
       CASE port WHEN 10 THEN 'identified' WHEN 20 THEN 'silent' END, CASE WHEN port = 10 THEN 'probed' END,
       CASE WHEN port = 10 THEN 'ssh' END, CASE WHEN port = 10 THEN 'OpenSSH' END, CASE WHEN port = 10 THEN '9.2p1' END,
       CASE WHEN port = 10 THEN ARRAY['cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*'] END,
       CASE WHEN port = 10 THEN 1 END, CASE WHEN port = 10 THEN 'SSH-2.0-OpenSSH_9.2p1' END
     FROM generate_series(0, 15) AS host, generate_series(1, 20) AS port
     UNION ALL SELECT $1::uuid, 'default', '::1', 'udp', 53, 'open', 'udp-response', 1::real, now(), 'identified', 'probed', 'domain',
       'BIND', '9.18', NULL, 1, NULL`,
    [scanId],
  )
}

const read = async (query: string) => {
  const reply = await api.send('GET', `/v1/scans/${scan.id}/results?${query}`)
  expect(reply.status, reply.text).toBe(200)
  return reply.json as { items: Json[]; next: string | null }
}

test('the bytes a service sent come when they are asked for, none of them changed', async () => {
  const sent = Buffer.from([0, 1, 0x1b, 0xff, 0x0d, 0x0a, 0x41])
  await api.query('UPDATE observations SET evidence = $2 WHERE scan_id = $1 AND ip = $3 AND port = 10', [
    scan.id,
    sent,
    '127.0.0.3',
  ])
  const { items } = await read('host=127.0.0.3&state=open&evidence=true')
  expect(items.map(({ port, evidence }) => [port, evidence])).toEqual([
    [10, sent.toString('base64')],
    [20, null],
  ])
  expect((await read('host=127.0.0.3&state=open')).items.every((item) => !('evidence' in item))).toBe(true)
})

test('a result says what was seen, why, and what runs there', async () => {
  const { items } = await read('port=10&host=127.0.0.3')
  expect(items).toEqual([
    {
      ip: '127.0.0.3',
      port: 10,
      transport: 'tcp',
      vantage: 'default',
      state: 'open',
      reason: 'conn-refused',
      rtt: 0.25,
      seenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      detection: 'identified',
      service: {
        name: 'ssh',
        product: 'OpenSSH',
        version: '9.2p1',
        vendor: null,
        info: null,
        os: null,
        device: null,
        hostname: null,
        cpe: ['cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*'],
        tls: null,
        facts: null,
        method: 'probed',
        confidence: 1,
      },
      banner: 'SSH-2.0-OpenSSH_9.2p1',
    },
  ])
})

test('pages follow each other without gap or overlap, whatever their size', async () => {
  for (const limit of [1, 7, 100, 1000]) {
    const seen: string[] = []
    let cursor = ''
    do {
      const { items, next }: { items: Json[]; next: string | null } = await read(`state=open&limit=${limit}${cursor}`)
      seen.push(...items.map(({ ip, port }) => `${ip} ${port}`))
      cursor = next === null ? '' : `&cursor=${next}`
    } while (cursor !== '')
    expect(seen).toHaveLength(33)
    expect(new Set(seen).size).toBe(33)
    expect(seen.at(-1)).toBe('::1 53')
  }
})

describe('filters', () => {
  test.each([
    ['state=open', 33],
    ['state=closed', 288],
    ['state=open,closed', 321],
    ['state=filtered', 0],
    ['port=10', 16],
    ['port=1-5,10', 96],
    ['port=U:53', 1],
    ['transport=udp', 1],
    ['service=ssh', 16],
    ['service=SSH,domain', 17],
    ['product=openssh', 16],
    ['product=bin', 1],
    ['product=%25', 0],
    ['host=127.0.0.3', 20],
    ['host=127.0.0.4/30', 80],
    ['host=::1', 1],
    ['host=six.test', 1],
    ['host=SIX.test', 1],
    ['host=unknown.test', 0],
    ['state=open&port=20&host=127.0.0.8/29', 8],
  ])('%s', async (query, count) => {
    const { items } = await read(`${query}&limit=1000`)
    expect(items).toHaveLength(count)
  })

  test.each([
    ['port=0', '#/port'],
    ['port=22-', '#/port'],
    ['state=ajar', '#/state/0'],
    ['transport=sctp', '#/transport'],
    ['format=pdf', '#/format'],
    ['host=a%00b', '#/host'],
  ])('%s is refused', async (query, pointer) => {
    const { json } = await api.send('GET', `/v1/scans/${scan.id}/results?${query}`)
    expect(json).toMatchObject({ type: '/problems/validation', errors: [{ in: 'query', pointer }] })
  })
})

test('NDJSON streams every match, by Accept and by format', async () => {
  const { items } = await read('limit=1000')
  const path = `/v1/scans/${scan.id}/results`
  for (const [query, accept] of [
    ['?format=ndjson', '*/*'],
    ['', 'application/x-ndjson'],
  ]) {
    const reply = await api.send('GET', `${path}${query}`, undefined, { Accept: accept ?? '' })
    expect(reply.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8')
    const lines = reply.text.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(items)
  }
})

test('CSV, nmap XML and grepable text tell the same open ports', async () => {
  const path = `/v1/scans/${scan.id}/results?state=open&format=`
  const [csv, xml, gnmap] = await Promise.all(['csv', 'xml', 'gnmap'].map((format) => api.send('GET', path + format)))
  expect(csv?.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv?.text.trimEnd().split('\r\n')).toHaveLength(34)
  expect(xml?.headers.get('content-type')).toBe('application/xml; charset=utf-8')
  expect(xml?.text.match(/<port protocol="tcp" portid="10">/g)).toHaveLength(16)
  expect(xml?.text).toMatch(/product="OpenSSH" version="9\.2p1"[^>]*method="probed"/)
  expect(xml?.text).toMatch(/portid="20">.*?method="table"/)
  expect(xml?.text.trimEnd()).toMatch(/<\/nmaprun>$/)
  expect(gnmap?.text).toContain('Host: 127.0.0.3 ()\tPorts: 10/open/tcp//ssh//OpenSSH 9.2p1/')
})

test('formats go by their other names, too', async () => {
  const path = `/v1/scans/${scan.id}/results`
  const type = async (query: string, accept = '*/*') =>
    (await api.send('GET', path + query, undefined, { Accept: accept })).headers.get('content-type')
  expect(await type('?format=nmap')).toBe('application/xml; charset=utf-8')
  expect(await type('?format=grepable')).toBe('text/plain; charset=utf-8')
  expect(await type('', 'text/xml')).toBe('application/xml; charset=utf-8')
})

test('nmap’s formats of a scan from several places need the place', async () => {
  const body = { targets: ['127.0.0.1'], ports: '22', vantages: ['office', 'internet'] }
  const { json } = await api.send('POST', '/v1/scans', body)
  const path = `/v1/scans/${json.id}/results?format=xml`
  expect((await api.send('GET', path)).json).toMatchObject({ errors: [{ pointer: '#/vantage' }] })
  expect((await api.send('GET', `${path}&vantage=office`)).status).toBe(200)
})

test('an unknown media type is told what there is', async () => {
  const reply = await api.send('GET', `/v1/scans/${scan.id}/results`, undefined, { Accept: 'image/png' })
  expect(reply.json).toMatchObject({ type: '/problems/not-acceptable', status: 406, detail: /ndjson/ })
})

test('a line of NDJSON is the very result of the JSON list, whatever servers said', async () => {
  const { json } = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-9' })
  const said = ['"\\ \u2028 é 😀', "'; DROP TABLE scans; --", '\u0007\t\n</script>', '']
  for (const [i, text] of said.entries())
    await api.query(
      `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, rtt, seen_at, detection, method,
         service, product, version, vendor, info, os, device, hostname, cpe, tls, facts, confidence, evidence_text)
       VALUES ($1, 'default', $2, 'tcp', $3, 'open', $4, $6, $7, 'identified', 'probed', $4, $4, $4, $4, $4, $4, $4, $4,
         ARRAY[$4], $5, $5, 0.9, $4)`,
      [
        json.id,
        i % 2 ? '::1' : '127.0.0.1',
        i + 1,
        text,
        { [text]: [text, null, 1.5] },
        1e-7,
        `2026-11-0${i + 1}T01:02:03.4567Z`,
      ],
    )
  await api.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at)
     VALUES ($1, 'default', '127.0.0.1', 'udp', 9, 'open|filtered', 'no-response', '2026-11-01T00:00:00Z')`,
    [json.id],
  )
  const { json: page } = await api.send('GET', `/v1/scans/${json.id}/results`)
  const { text } = await api.send('GET', `/v1/scans/${json.id}/results?format=ndjson`)
  const lines = text.trimEnd().split('\n')
  expect(lines).toHaveLength(5)
  expect(lines.map((line) => JSON.parse(line))).toEqual(page.items)
  expect(Object.keys(JSON.parse(lines[0] ?? ''))).toEqual(Object.keys((page.items as Json[])[0] ?? {}))
})
