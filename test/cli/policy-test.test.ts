/** A policy held against what a scan has left in a file: no service anywhere. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-policy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const keep = (name: string, text: string) => writeFileSync(path.join(folder, name), text)
const portolan = (...args: string[]) => runPortolan(['policy', ...args], { cwd: folder })

const endpoint = (port: number, name: string) =>
  JSON.stringify({
    ip: '192.0.2.1',
    port,
    transport: 'tcp',
    state: 'open',
    reason: 'syn-ack',
    rtt: 1,
    service: { name, product: null, version: null, info: null, cpe: [], tls: null, method: 'probed', confidence: 1 },
  })
keep('scan.ndjson', `${endpoint(22, 'ssh')}\n${endpoint(3306, 'mysql')}\n`)
keep(
  'nmap.xml',
  '<nmaprun scanner="nmap"><scaninfo protocol="tcp" services="22,443"/><host><address addr="192.0.2.1" addrtype="ipv4"/>' +
    '<ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/></port></ports></host>' +
    '<runstats><finished time="1" exit="success"/></runstats></nmaprun>',
)
keep('ssh.yaml', 'rules:\n  - { id: ssh, effect: allow, ports: "22" }\n')
keep('web.yaml', 'otherwise: allow\nrules:\n  - { id: web, effect: require, ports: "443", targets: [192.0.2.1] }\n')
keep('named.ndjson', `${JSON.stringify({ ...JSON.parse(endpoint(22, 'ssh')), hostname: 'www.example.com' })}\n`)
keep('named.yaml', 'rules:\n  - { id: www, effect: allow, names: ["*.example.com"] }\n')
keep('tagged.yaml', 'rules:\n  - { id: dmz, effect: allow, tags: [dmz] }\n')
keep('dmz.yaml', 'rules:\n  - { id: dmz, effect: allow, vantages: [dmz] }\n')

test('what no rule allows ends with 3, and is told', async () => {
  const { code, stdout } = await portolan('test', 'ssh.yaml', '--results', 'scan.ndjson')
  expect(code).toBe(3)
  expect(stdout).toContain('192.0.2.1:3306/tcp')
  expect(stdout).not.toContain(':22/')
  const json = await portolan('test', 'ssh.yaml', '--results', 'scan.ndjson', '--format', 'json')
  expect(JSON.parse(json.stdout)).toMatchObject([{ kind: 'unexpected-open', endpoint: { port: 3306 }, ruleId: null }])
})

test('what must be open and is not ends with 3 where the file says that it was asked', async () => {
  expect(await portolan('test', 'web.yaml', '--results', 'nmap.xml')).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('192.0.2.1:443/tcp'),
  })
  expect(await portolan('test', 'web.yaml', '--results', 'scan.ndjson')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('does not tell what was asked'),
  })
})

test('a baseline drafted from the file is met by it', async () => {
  keep('now.yaml', (await portolan('draft', 'baseline', '--results', 'scan.ndjson')).stdout)
  expect(await portolan('test', 'now.yaml', '--results', 'scan.ndjson')).toMatchObject({ code: 0, stderr: '' })
})

test('rules about a vantage see the place the scanner is said to have stood at', async () => {
  expect((await portolan('test', 'dmz.yaml', '--results', 'nmap.xml')).code).toBe(3)
  expect((await portolan('test', 'dmz.yaml', '--results', 'nmap.xml', '--vantage', 'dmz')).code).toBe(0)
})

test.each([
  ['rules:\n  - { id: Web, effect: allow }\n', 'rules.0.id'],
  ['rules:\n  - { id: web, effect: permit }\n', 'rules.0.effect'],
  ['rules:\n  - { id: web, effect: allow, ports: "22-" }\n', 'rules.0.ports'],
  ['rules: [', 'is not YAML'],
])('%j is refused by name', async (text, where) => {
  keep('wrong.yaml', text)
  const { code, stderr } = await portolan('test', 'wrong.yaml', '--results', 'nmap.xml')
  expect([code, stderr]).toEqual([2, expect.stringContaining(`wrong.yaml: ${where}`)])
})

test('schema prints what a policy file may hold, for editors, and no service is needed', async () => {
  const { code, stdout } = await runPortolan(['policy', 'schema'])
  expect(code).toBe(0)
  const schema = z.fromJSONSchema(JSON.parse(stdout))
  expect(schema.safeParse({ rules: [{ id: 'ssh', effect: 'allow', ports: '22' }] }).success).toBe(true)
  for (const wrong of [
    { rules: [{ id: 'ssh', effect: 'permit' }] },
    { rule: [] },
    { rules: [{ id: 'A b', effect: 'allow' }] },
  ])
    expect(schema.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false)
})

test('rules by name see the names in the file, and rules by tag need a service', async () => {
  expect(await portolan('test', 'named.yaml', '--results', 'named.ndjson')).toMatchObject({ code: 0 })
  expect(await portolan('test', 'named.yaml', '--results', 'scan.ndjson')).toMatchObject({ code: 3 })
  expect(await portolan('test', 'tagged.yaml', '--results', 'named.ndjson')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('tags, which only a service knows'),
  })
})
