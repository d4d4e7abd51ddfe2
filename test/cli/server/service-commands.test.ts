/** The commands that ask a service, as a user types them, against a real one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDb } from '@portolan/db/client.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, openTestApi, type TestApi } from '#test/api/test-api.ts'
import { pastScan } from '#test/support/past-scan.ts'
import { runPortolan } from '#test/support/run-portolan.ts'

let api: TestApi
let scan = ''
const folder = mkdtempSync(path.join(tmpdir(), 'portolan-commands-'))
const POLICY = 'rules:\n  - id: ssh\n    effect: allow\n    ports: "22"\n'

beforeAll(async () => {
  api = await openTestApi()
  writeFileSync(path.join(folder, 'policy.yaml'), POLICY)
  await api.send('POST', '/v1/policies', {
    name: 'all shut',
    document: { rules: [{ id: 'ssh', effect: 'allow', ports: '22' }] },
  })
  await using db = createDb(api.databaseUrl)
  await pastScan(db.pool, { seen: [] })
  const ssh = { name: 'ssh', product: 'OpenSSH', version: '9.2p1' }
  scan = await pastScan(db.pool, { seen: [{ at: '127.0.0.1:22', service: ssh }, { at: '127.0.0.2:23' }] })
  const asked = await api.send('POST', '/v1/scans', { targets: ['127.0.0.0/29'], ports: '1-100' })
  await db.pool.query('UPDATE scans SET request = (SELECT request FROM scans WHERE id = $2) WHERE id = $1', [
    scan,
    asked.json.id,
  ])
})
afterAll(async () => {
  await api.stop()
  rmSync(folder, { recursive: true, force: true })
})

const portolan = (...args: readonly string[]) =>
  runPortolan(args, {
    cwd: folder,
    env: { PORTOLAN_SERVER: api.url, PORTOLAN_KEY: api.key, XDG_CONFIG_HOME: folder, PORTOLAN_CONFIG: '' },
  })
const lines = (text: string): Json[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('search prints a table for people and lines for programs, and says where a query is wrong', async () => {
  const table = await portolan('search', 'port:22')
  expect(table.stdout).toMatch(/ENDPOINT +STATE[\s\S]*127\.0\.0\.1:22\/tcp +open +default/)
  expect(table.stdout).not.toContain('\u001b')
  const found = lines((await portolan('search', 'port:22', '--format', 'ndjson')).stdout)
  expect(found).toMatchObject([{ ip: '127.0.0.1', port: 22 }])
  expect(await portolan('search', 'port:9', '--exit-code')).toMatchObject({ code: 1, stdout: 'nothing was found\n' })
  expect(await portolan('search', 'prot:22')).toMatchObject({ code: 1, stderr: /character 1/ })
})

test('findings are listed, shown with the line that closes the port, and decided about', async () => {
  const [finding] = lines((await portolan('findings', '--format', 'ndjson')).stdout)
  const id = String(finding?.id)
  expect((await portolan('findings', '--exit-code')).code).toBe(3)
  expect((await portolan('findings', 'show', id)).stdout).toMatch(/Close it:\n +ufw +ufw prepend deny in .* port 23/)
  expect((await portolan('findings', 'snooze', id, '7d', 'lab')).stdout).toContain('snoozed')
  expect((await portolan('findings', 'comment', id, 'asked them')).code).toBe(0)
  expect((await portolan('findings', 'show', id)).stdout).toMatch(
    /snoozed by first key: lab[\s\S]*commented .*: asked them/,
  )
  expect((await portolan('findings', '--exit-code')).code).toBe(0)
  expect(await portolan('findings', 'snooze', id, 'soon', 'x')).toMatchObject({ code: 2, stderr: /"soon" is no time/ })
  expect(await portolan('findings', 'explode')).toMatchObject({ code: 2, stderr: /none of list, show/ })
})

test('policy test ends with 3 when reality leaves the policy', async () => {
  const failed = await portolan('policy', 'test', 'policy.yaml')
  expect(failed).toMatchObject({ code: 3, stdout: /medium +127\.0\.0\.2:23\/tcp/ })
  const { stdout } = await portolan('policy', 'draft', 'baseline')
  writeFileSync(path.join(folder, 'now.yaml'), stdout)
  expect(await portolan('policy', 'test', 'now.yaml')).toMatchObject({ code: 0, stdout: /all as they should be/ })
  expect((await portolan('policy', 'apply', 'baseline', 'now.yaml')).code).toBe(0)
  expect((await portolan('policy', 'apply', 'baseline', 'policy.yaml')).stdout).toContain('baseline')
  expect((await portolan('policy', 'show', 'baseline')).stdout).toContain('id: ssh')
  expect((await portolan('policy', 'remove', 'baseline')).code).toBe(0)
  expect(await portolan('policy', 'test', 'missing.yaml')).toMatchObject({ code: 2, stderr: /cannot be read/ })
})

test('a scan is put on a schedule, paused, run now, and taken off it', async () => {
  const made = await portolan(
    'schedule',
    'create',
    'nightly',
    '127.0.0.1',
    '--every',
    '6h',
    '-p',
    '22',
    '--format',
    'json',
  )
  const { id } = JSON.parse(made.stdout)
  expect((await portolan('schedule')).stdout).toMatch(/nightly +every 6h .* never +127\.0\.0\.1/)
  expect((await portolan('schedule', 'pause', 'nightly')).stdout).toContain('paused')
  expect((await portolan('schedule', 'resume', id)).code).toBe(0)
  expect(await portolan('schedule', 'run', 'nightyl')).toMatchObject({ code: 2, stderr: /did you mean nightly\?/ })
  expect((await portolan('schedule', 'run', id)).code).toBe(0)
  expect((await portolan('schedule', 'runs', id)).stdout).toMatch(/DUE[\s\S]*queued|planning|running/)
  expect((await portolan('schedule', 'remove', id)).code).toBe(0)
  expect(await portolan('schedule', 'create', 'x', '127.0.0.1')).toMatchObject({ code: 2, stderr: /--every 6h/ })
  const odd = await portolan('schedule', 'create', 'x', '127.0.0.1', '--cron', '99 * * * *')
  expect(odd).toMatchObject({ code: 1, stderr: /cron/ })
})

test('watch tells what changed', async () => {
  const { stdout } = await portolan('watch', '--last', '1', '--once')
  expect(stdout).toMatch(/\+ 127\.0\.0\.1:22\/tcp from default opened: OpenSSH 9\.2p1\n/)
  expect(
    lines((await portolan('watch', '127.0.0.2/32', '--last', '1', '--once', '--format', 'ndjson')).stdout),
  ).toMatchObject([{ kind: 'opened', endpoint: { ip: '127.0.0.2' } }])
})

test('results come out in any format, and go in from other scanners', async () => {
  const xml = await portolan('export', scan, '--format', 'xml')
  expect([xml.stdout, xml.stderr]).toEqual([expect.stringContaining('<nmaprun'), ''])
  writeFileSync(path.join(folder, 'found.xml'), xml.stdout)
  expect((await portolan('export', scan, '--format', 'csv', '-o', 'found.csv')).code).toBe(0)
  // The last that was asked for is the one of the schedule, which no worker has begun.
  expect(await portolan('export', 'latest', '--format', 'csv')).toMatchObject({ code: 0, stdout: /^ip,[^\n]*\n$/ })
  const taken = await portolan('import', 'found.xml', '--format', 'json')
  expect(JSON.parse(taken.stdout)).toMatchObject({ format: 'nmap-xml' })
  expect(await portolan('import', 'nothing.xml')).toMatchObject({ code: 2, stderr: /nothing.xml cannot be read/ })
})

test('tags are set, told, used by a search and a policy, and removed', async () => {
  expect((await portolan('tags', 'set', 'dmz', '127.0.0.0/24', '198.51.100.7', '--description', 'x')).code).toBe(0)
  expect((await portolan('tags')).stdout).toMatch(/dmz +127\.0\.0\.0\/24 198\.51\.100\.7 +x/)
  expect((await portolan('search', 'tag:dmz', '--format', 'ndjson')).code).toBe(0)
  expect(await portolan('search', 'tag:dnz')).toMatchObject({ code: 1, stderr: /tags are dmz/ })
  expect(await portolan('tags', 'set', 'dmz')).toMatchObject({ code: 2, stderr: /which addresses carry it/ })
  expect((await portolan('tags', 'remove', 'dmz')).code).toBe(0)
  expect((await portolan('tags')).stdout).toContain('there are no tags')
})

test('keys and scopes are made and ended; a key is printed alone', async () => {
  const made = await portolan('keys', 'create', 'pipeline', '--scope', 'read')
  expect(made.stdout).toMatch(/^ptl_\w+_[\w-]+\n$/)
  expect((await portolan('keys', 'create', 'pipeline', '--scope', 'read')).code).toBe(0)
  const [first, second] = lines((await portolan('keys', '--format', 'ndjson')).stdout)
    .filter(({ name }) => name === 'pipeline')
    .map(({ id }) => String(id))
  const either = await portolan('keys', 'revoke', 'pipeline')
  expect(either).toMatchObject({ code: 2, stderr: /several are called "pipeline"/ })
  expect(either.stderr).toContain(second)
  expect((await portolan('keys', 'revoke', first ?? '')).stdout).toContain('revoked')
  expect((await portolan('keys', 'revoke', 'pipeline')).stdout).toContain('revoked')
  expect(await portolan('keys', 'create', 'x')).toMatchObject({ code: 2, stderr: /--scope/ })
  expect(await portolan('scopes', 'add', '198.51.100.0/24')).toMatchObject({ code: 2, stderr: /--owner and --reason/ })
  const added = await portolan(
    'scopes',
    'add',
    '198.51.100.0/24',
    '--owner',
    'net',
    '--reason',
    'x',
    '--format',
    'json',
  )
  expect(JSON.parse(added.stdout)).toMatchObject({ cidr: '198.51.100.0/24' })
  expect((await portolan('scopes', 'remove', '198.51.100.0/24')).stdout).toContain('is withdrawn')
  expect((await portolan('scopes')).stdout).not.toContain('198.51.100.0/24')
})

test('what listens here is reported and held against what is seen', async () => {
  expect((await portolan('listeners', '--report')).stdout).toMatch(/knows of \d+ listeners/)
  const { stdout, stderr, code } = await portolan('exposure', '127.0.0.2')
  expect(stderr).toMatch(/nobody has reported, scanned/)
  // The policy has something against it.
  expect([code, stdout]).toEqual([3, expect.stringMatching(/23\/tcp +reachable +default/)])
})

// After what needs the finding to be open.
test('a finding is acknowledged, assigned and resolved, each with its reason', async () => {
  const [finding] = lines((await portolan('findings', '--status', 'snoozed', '--format', 'ndjson')).stdout)
  const id = String(finding?.id)
  expect((await portolan('findings', 'acknowledge', id, 'it is known')).stdout).toContain('acknowledged')
  expect((await portolan('findings', 'assign', id, 'network team')).code).toBe(0)
  expect((await portolan('findings', 'resolve', id, 'port closed by hand')).stdout).toContain('resolved')
  expect((await portolan('findings', '--status', 'resolved')).stdout).toMatch(/resolved.*127\.0\.0\.2:23\/tcp/)
  expect((await portolan('findings', 'show', id)).stdout).toMatch(/resolved by first key: port closed by hand/)
  expect(await portolan('findings', 'resolve', id)).toMatchObject({ code: 2, stderr: /resolve ID REASON/ })
  expect(await portolan('findings', 'resolve', id, 'two', 'words')).toMatchObject({ code: 2, stderr: /quote/ })
  expect(await portolan('findings', 'resolv')).toMatchObject({ code: 2, stderr: /did you mean resolve\?/ })
})

test('without a service the answer says what to do', async () => {
  const { code, stderr } = await runPortolan(['workers'], {
    env: { PORTOLAN_SERVER: '', PORTOLAN_KEY: '', XDG_CONFIG_HOME: folder, PORTOLAN_CONFIG: '' },
  })
  expect([code, stderr]).toEqual([2, expect.stringMatching(/portolan login URL/)])
})

test('the manual page is one man can read', async () => {
  const { stdout } = await portolan('man')
  expect(stdout).toMatch(/^\.TH PORTOLAN 1/)
  expect(stdout).toContain('.SS portolan search [query...]')
})
