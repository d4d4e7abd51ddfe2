import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCsvWriter, csvCell } from '#core/format/csv.ts'
import { compareEndpoints, serviceRecord } from '#core/format/endpoint-record.ts'
import { FORMATS, isFormatName } from '#core/format/formats.ts'
import { createGrepableWriter } from '#core/format/grepable.ts'
import { createJsonWriter } from '#core/format/json.ts'
import { createNdjsonWriter, ndjsonLine } from '#core/format/ndjson.ts'
import { ENDPOINTS, SSH, TLS, write } from './sample-results.ts'

describe('ndjson', () => {
  test('the line has exactly the promised keys in the promised order', () => {
    expect(ndjsonLine(SSH)).toBe(
      '{"ip":"192.0.2.1","port":22,"transport":"tcp","state":"open","reason":"syn-ack","rtt":0.25,"service":' +
        '{"name":"ssh","product":"OpenSSH","version":"9.2p1","info":"Debian 2+deb12u3; protocol 2.0",' +
        '"cpe":["cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*"],"tls":null,"method":"probed","confidence":1}}',
    )
    expect(JSON.parse(ndjsonLine(ENDPOINTS[1]!))).toMatchObject({ service: null, rtt: null })
  })
  test('one line an endpoint, whatever a banner holds', () => {
    const lines = write(createNdjsonWriter()).split('\n')
    expect(lines.length).toBe(ENDPOINTS.length + 1)
    expect(JSON.parse(lines[2]!).service.tls).toEqual(TLS)
  })
})

test('a certificate shown on request is in every format that has certificates, and the service is not called inside TLS', () => {
  const upgrading = { ...SSH, port: 25, service: { ...SSH.service!, name: 'smtp', startTls: TLS } }
  const [ndjson, csv, xml] = ['ndjson', 'csv', 'xml'].map((name) => write(FORMATS[name as 'xml'].create(), [upgrading]))
  expect(JSON.parse(ndjson!).service).toMatchObject({ tls: null, startTls: TLS })
  expect(csv).toMatch(/TLSv1\.3,CN=www\.example,www\.example example,2026-04-01/)
  expect(xml).toContain('id="ssl-cert"')
  expect(xml).not.toContain('tunnel=')
})

test('json is one document, also when there is nothing in it', () => {
  expect(JSON.parse(write(createJsonWriter()))).toMatchObject({
    scan: { scanner: 'portolan', ports: 'T:1-1024,U:53' },
    results: ENDPOINTS.map(({ ip, port }) => ({ ip, port })),
    summary: { hosts: 4, up: 2, outcome: 'success', message: null },
  })
  expect(JSON.parse(write(createJsonWriter(), [])).results).toEqual([])
})

describe('csv', () => {
  /** A reader of RFC 4180, so that the writer is judged by what comes out at the other end. */
  const parse = (text: string) =>
    text
      .split('\r\n')
      .slice(0, -1)
      .map((line) =>
        [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
          quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
        ),
      )
  test('has a header and the same number of cells in every row', () => {
    const rows = parse(write(createCsvWriter(), [ENDPOINTS[0]!, ENDPOINTS[2]!]))
    expect(rows[0]?.slice(0, 4)).toEqual(['ip', 'hostname', 'port', 'transport'])
    expect(rows.map((row) => row.length)).toEqual([18, 18, 18])
    expect(rows[2]).toContain('www.example example')
  })
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '＝1', '|calc', '%x', '\r=1'])(
    '%j is no formula',
    (text) => {
      expect(csvCell(text).replace(/^"/, '')[0]).toBe("'")
    },
  )
  test('every cell comes back as it was, but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab",;=+- \t') }), (text) => {
        const [[cell = '']] = parse(`${csvCell(text)}\r\n`) as [[string]]
        expect(cell.replace(/^'/, '')).toBe(text)
        expect(cell).not.toMatch(/^\s*[=+@-]/)
      }),
    )
  })
})

test('grepable: one line a host, seven fields a port, no separator from a banner', () => {
  const lines = write(createGrepableWriter()).trimEnd().split('\n')
  expect(lines).toHaveLength(4)
  const [, host, other] = lines
  expect(host).toMatch(/^Host: 192\.0\.2\.1 \(a\.example\)\tPorts: 22\/open\/tcp\/\/ssh\/\/OpenSSH 9\.2p1 \(Debian/)
  const ports = host!.split('Ports: ')[1]!.split(', ')
  expect(ports).toHaveLength(5)
  for (const port of ports) expect(port.split('/')).toHaveLength(8)
  expect(host).toContain('443/open/tcp//ssl|http//nginx 1.22.1/')
  expect(other).toBe('Host: 2001:db8::1 ()\tPorts: 5432/open/tcp//postgresql///')
})

test('no format lets a control character through', () => {
  for (const name of ['gnmap', 'xml', 'json', 'ndjson'] as const)
    expect(write(FORMATS[name].create())).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/)
})

test('a table name is marked as such and never mixed with a probed one', () => {
  const evidence = new Uint8Array()
  expect(serviceRecord(null, 22, 'tcp')).toMatchObject({ name: 'ssh', method: 'table', product: null })
  expect(serviceRecord(null, 60_123, 'tcp')).toBeNull()
  expect(serviceRecord({ status: 'unidentified', tls: TLS, evidence }, 60_123, 'tcp')).toMatchObject({
    name: 'unknown',
    method: 'table',
    confidence: 0,
    tls: TLS,
  })
})

test('sorted output is by address value, then transport, then port', () => {
  const at = (ip: string, port: number, transport: 'tcp' | 'udp' = 'tcp') => ({ ...SSH, ip, port, transport })
  const sorted = [at('::1', 1), at('10.0.0.10', 1), at('10.0.0.9', 53, 'udp'), at('10.0.0.9', 80), at('10.0.0.9', 9)]
    .sort(compareEndpoints)
    .map(({ ip, port }) => `${ip} ${port}`)
  expect(sorted).toEqual(['10.0.0.9 9', '10.0.0.9 80', '10.0.0.9 53', '10.0.0.10 1', '::1 1'])
})

test('format names are checked', () => {
  expect(isFormatName('xml')).toBe(true)
  expect(isFormatName('constructor')).toBe(false)
})
