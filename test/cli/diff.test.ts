import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-diff-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text)
  return name
}

const diff = (...args: string[]) => runPortolan(['diff', ...args], { cwd: folder })

async function kinds(...args: string[]): Promise<readonly string[]> {
  const { stdout } = await diff(...args, '--format', 'ndjson')
  const rows = stdout
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row))
  return rows.map(({ kind, ip, port, transport }) => `${kind} ${ip} ${port}/${transport}`)
}

type Seen = { readonly ip?: string; readonly port: number; readonly state?: string; readonly service?: object }
const service = (name: string, product: string, version: string) => ({ name, product, version, method: 'probed' })

function ndjson(name: string, ...seen: readonly Seen[]): string {
  const lines = seen.map((one) => ({ ip: '10.0.0.1', transport: 'tcp', state: 'open', ...one }))
  return file(name, lines.map((one) => `${JSON.stringify(one)}\n`).join(''))
}

/** nmap's XML, as it tells its scope: the ports asked, and the hosts that answered. */
function xml(name: string, asked: string, hosts: Readonly<Record<string, readonly number[]>>): string {
  const ports = (open: readonly number[]) =>
    open.map((port) => `<port protocol="tcp" portid="${port}"><state state="open" reason="syn-ack"/></port>`).join('')
  const all = Object.entries(hosts).map(
    ([ip, open]) =>
      `<host><status state="up"/><address addr="${ip}" addrtype="ipv4"/><ports>${ports(open)}</ports></host>`,
  )
  const info = `<scaninfo type="syn" protocol="tcp" numservices="1" services="${asked}"/>`
  const end = '<runstats><finished time="1700000100"/></runstats></nmaprun>'
  return file(name, `<?xml version="1.0"?>\n<nmaprun scanner="nmap" start="1700000000">${info}${all.join('')}${end}\n`)
}

test('what opened, closed and changed, in words; names from a port table are not compared', async () => {
  const before = ndjson(
    'a.ndjson',
    { port: 23 },
    { port: 80, service: service('http', 'nginx', '1.24') },
    { port: 443, service: { name: 'https', method: 'table' } },
  )
  const after = ndjson(
    'b.ndjson',
    { port: 22, service: service('ssh', 'OpenSSH', '9.2p1') },
    { port: 80, service: service('http', 'nginx', '1.26') },
    { port: 443, service: service('http', 'Caddy', '2.8') },
  )
  const { code, stdout, stderr } = await diff(before, after)
  expect(stdout).toBe(
    '+ 10.0.0.1 22/tcp opened, OpenSSH 9.2p1\n' +
      '- 10.0.0.1 23/tcp closed\n' +
      '~ 10.0.0.1 80/tcp version-changed: nginx 1.24 -> nginx 1.26\n' +
      '1 opened, 1 closed, 1 changed, 0 not comparable\n',
  )
  expect(stderr).toContain('a.ndjson and b.ndjson do not say what was scanned')
  expect(code).toBe(0)
})

test('the exit code tells of changes only when it is asked to', async () => {
  const [before, after] = [ndjson('a', { port: 22 }), ndjson('b')]
  expect((await diff(before, after, '--exit-code', '-q')).code).toBe(1)
  expect((await diff(before, before, '--exit-code')).code).toBe(0)
  const doubtful = await diff(before, after, '--exit-code', '--strict')
  expect([doubtful.code, doubtful.stderr]).toEqual([0, ''])
})

test('a port that one scan did not ask is not comparable', async () => {
  const before = xml('a.xml', '22,80', { '10.0.0.1': [22, 80], '10.0.0.2': [80] })
  const after = xml('b.xml', '80-443', { '10.0.0.1': [443], '10.0.0.3': [80] })
  expect(await kinds(before, after)).toEqual([
    'closed 10.0.0.1 80/tcp',
    'not-comparable 10.0.0.1 22/tcp',
    'not-comparable 10.0.0.1 443/tcp',
    'not-comparable 10.0.0.2 80/tcp',
    'not-comparable 10.0.0.3 80/tcp',
  ])
  // A host without answers is missing from the file; the user may know that it was asked.
  expect(await kinds(before, after, '--targets', '10.0.0.0/30', '-p', '22,80,443')).toEqual([
    'closed 10.0.0.1 22/tcp',
    'closed 10.0.0.1 80/tcp',
    'opened 10.0.0.1 443/tcp',
    'closed 10.0.0.2 80/tcp',
    'opened 10.0.0.3 80/tcp',
  ])
})

test('a file that says nothing of its scope is measured by what it lists; strictly, by that alone', async () => {
  const before = xml('a.xml', '22,80', { '10.0.0.1': [22, 80] })
  const after = ndjson('b', { port: 22, state: 'closed' }, { port: 8080 })
  expect(await kinds(before, after)).toEqual([
    'closed 10.0.0.1 22/tcp',
    'closed 10.0.0.1 80/tcp',
    'not-comparable 10.0.0.1 8080/tcp',
  ])
  expect(await kinds(before, after, '--strict')).toEqual([
    'closed 10.0.0.1 22/tcp',
    'not-comparable 10.0.0.1 80/tcp',
    'not-comparable 10.0.0.1 8080/tcp',
  ])
})

test('a file that ends early proves nothing closed', async () => {
  const before = file('a.txt', '#masscan\nopen tcp 80 10.0.0.1 1700000000\nopen tcp 81 10.0.0.1 1700000000\n# end\n')
  const after = file(
    'b.json',
    '[\n{ "ip": "10.0.0.1", "ports": [ {"port": 80, "proto": "tcp", "status": "open"} ] },\n',
  )
  const { stdout, stderr } = await diff(before, after)
  expect(stdout).toContain('? 10.0.0.1 81/tcp was open before, and the scan after did not look there')
  expect(stderr).toContain('b.json ends early')
})

test('certificates are compared by their fingerprint', async () => {
  const seen = (name: string, until: string) => {
    const sha256 = createHash('sha256').update(until).digest('hex')
    const certificate = { subject: 'CN=x', issuer: 'CN=x', names: [], notBefore: '2025-01-01T00:00:00Z' }
    const tls = { protocol: 'TLSv1.3', certificate: { ...certificate, notAfter: until, serial: '01', sha256 } }
    return ndjson(name, { port: 443, service: { ...service('http', 'nginx', '1.26'), tls } })
  }
  const { stdout } = await diff(seen('a', '2026-01-31T00:00:00Z'), seen('b', '2026-04-30T00:00:00Z'))
  expect(stdout).toContain('certificate-changed: valid until 2026-01-31 -> 2026-04-30')
})

test("Portolan's own XML, from standard input too", async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const scan = () => runPortolan(['scan', '127.0.0.1', '-p', `${port}`, '--all', '--format', 'xml', '--no-services'])
  const { stdout: before } = await scan()
  await new Promise((resolve) => server.close(resolve))
  const { stdout: after } = await scan()
  const args = ['diff', file('before.xml', before), '-', '--format', 'json']
  const { stdout, stderr } = await runPortolan(args, { cwd: folder, input: after })
  const closed = { kind: 'closed', ip: '127.0.0.1', port, transport: 'tcp', before: null, after: null }
  expect([JSON.parse(stdout), stderr]).toEqual([{ changes: [closed], notComparable: [] }, ''])
})

test.each([
  [['-', '-'], 'only one of the two'],
  [['nowhere.xml', '-'], 'nowhere.xml cannot be read: there is no such file'],
  [[file('x.html.txt', 'hello'), '-'], 'is neither NDJSON'],
  [[file('e.xml', ''), '-', '--targets', 'example.org'], 'takes addresses, not names'],
  [['one'], "missing required argument 'after'"],
])('%j is refused', async (args, said) => {
  const { code, stderr } = await diff(...args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
})
