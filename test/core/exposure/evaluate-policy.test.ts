import { expect, test } from 'vitest'
import { type Evidence, evaluatePolicy } from '#core/exposure/evaluate-policy.ts'
import { createHostLabels } from '#core/exposure/host-labels.ts'
import type { Policy, PolicyRule } from '#core/exposure/policy.ts'
import type { EndpointKey, SightedService, Sighting } from '#core/exposure/sighting.ts'
import { setOf, spanOfCidr } from '#core/target/address-set.ts'
import { parseCidr } from '#core/target/cidr.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')

const LABELS = createHostLabels(
  [
    { name: 'www.example.com', addresses: ['10.0.0.1', '2001:db8::1'] },
    { name: 'api.example.com', addresses: ['10.0.0.1'] },
    { name: 'example.com', addresses: ['10.0.0.9'] },
  ],
  [{ name: 'dmz', addresses: cidr('10.0.0.0/29') }],
)

function cidr(text: string) {
  const parsed = parseCidr(text)
  if (!parsed.ok) throw new Error(text)
  return setOf([spanOfCidr(parsed.value)])
}

function rule(known: Partial<PolicyRule>): PolicyRule {
  return {
    id: 'r1',
    effect: 'allow',
    addresses: null,
    names: null,
    tags: null,
    vantages: null,
    ports: null,
    services: null,
    products: null,
    conditions: {},
    severity: 'medium',
    owner: null,
    reason: null,
    expiresAt: null,
    ...known,
  }
}

const tcp = (...ports: number[]) => ({ tcp: ports.map((p) => ({ first: p, last: p })), udp: [] })
const deny = (...rules: PolicyRule[]): Policy => ({
  name: 'p',
  rules,
  otherwise: { effect: 'forbid', severity: 'low' },
})

function sighting(port: number, service: Partial<SightedService> | null = null, ip = '10.0.0.1'): Sighting {
  const full = service && { name: 'unknown', product: null, version: null, certificate: null, ...service }
  return { vantage: 'default', ip, transport: 'tcp', port, state: 'open', service: full }
}

function evidence(open: Sighting[], covers: (endpoint: EndpointKey) => boolean = () => true): Evidence {
  return { open, vantages: ['default'], covers, labels: LABELS }
}

const kinds = (policy: Policy, open: Sighting[], now = NOW) =>
  evaluatePolicy(policy, evidence(open), now).map((v) => `${v.kind} ${v.endpoint.port}`)

test('what no rule speaks of is a violation, unless the policy allows the rest', () => {
  expect(kinds(deny(), [sighting(22)])).toEqual(['unexpected-open 22'])
  expect(kinds({ ...deny(), otherwise: { effect: 'allow' } }, [sighting(22)])).toEqual([])
})

test('the first matching rule decides', () => {
  const bastion = rule({ id: 'bastion', addresses: cidr('10.0.0.1/32'), ports: tcp(22) })
  const noSsh = rule({ id: 'no-ssh', effect: 'forbid', ports: tcp(22), severity: 'high' })
  const open = [sighting(22), sighting(22, null, '10.0.0.2')]
  expect(evaluatePolicy(deny(bastion, noSsh), evidence(open), NOW)).toMatchObject([
    { kind: 'unexpected-open', ruleId: 'no-ssh', severity: 'high', endpoint: { ip: '10.0.0.2' } },
  ])
  expect(kinds(deny(noSsh, bastion), open)).toEqual(['unexpected-open 22', 'unexpected-open 22'])
})

test('a service is forbidden wherever it runs', () => {
  const noTelnet = rule({ effect: 'forbid', services: ['telnet'] })
  const policy: Policy = { ...deny(noTelnet), otherwise: { effect: 'allow' } }
  expect(kinds(policy, [sighting(2323, { name: 'telnet' }), sighting(23, { name: 'ssh' })])).toEqual([
    'unexpected-open 2323',
  ])
})

test('a product is forbidden wherever it runs, and nothing whose product is not known', () => {
  const noSearch = rule({ effect: 'forbid', products: ['Elasticsearch'] })
  const policy: Policy = { ...deny(noSearch), otherwise: { effect: 'allow' } }
  const web = (port: number, product: string | null) => sighting(port, { name: 'http', product })
  expect(kinds(policy, [web(443, 'Elasticsearch'), web(9200, 'nginx'), web(80, null), sighting(9300)])).toEqual([
    'unexpected-open 443',
  ])
})

test('an allowed port must meet its conditions, as far as the service tells', () => {
  const policy = deny(
    rule({ ports: tcp(22), conditions: { services: ['ssh'], products: ['OpenSSH'], minVersion: '9.6' } }),
    rule({ id: 'web', ports: tcp(443), conditions: { minCertificateDays: 14 } }),
  )
  const ssh = (known: Partial<SightedService>) => sighting(22, { name: 'ssh', product: 'OpenSSH', ...known })
  expect(kinds(policy, [ssh({ version: '9.7p1' })])).toEqual([])
  expect(kinds(policy, [ssh({ version: '9.2p1' })])).toEqual(['version-too-old 22'])
  expect(kinds(policy, [ssh({ product: 'Dropbear sshd' })])).toEqual(['wrong-product 22'])
  expect(kinds(policy, [sighting(22, { name: 'http' })])).toEqual(['wrong-service 22'])
  expect(kinds(policy, [sighting(22), ssh({})])).toEqual([])
  const https = (notAfter: string) => sighting(443, { name: 'http', certificate: { sha256: 'aa', notAfter } })
  expect(kinds(policy, [https('2026-06-10T00:00:00Z')])).toEqual(['certificate-expiring 443'])
  expect(kinds(policy, [https('2026-07-10T00:00:00Z')])).toEqual([])
})

test('an exception that has expired is a violation', () => {
  const policy = deny(rule({ ports: tcp(3389), expiresAt: Date.parse('2026-05-01T00:00:00Z') }))
  expect(kinds(policy, [sighting(3389)])).toEqual(['rule-expired 3389'])
  expect(kinds(policy, [sighting(3389)], Date.parse('2026-04-30T00:00:00Z'))).toEqual([])
})

test('a required port that is not open is a violation, but only where the scan looked', () => {
  const policy = deny(rule({ effect: 'require', addresses: cidr('10.0.0.0/31'), ports: tcp(443) }))
  const open = [sighting(443, null, '10.0.0.0')]
  expect(evaluatePolicy(policy, evidence(open), NOW)).toMatchObject([
    { kind: 'unexpected-closed', endpoint: { ip: '10.0.0.1', port: 443 } },
  ])
  expect(
    evaluatePolicy(
      policy,
      evidence(open, (e) => e.ip === '10.0.0.0'),
      NOW,
    ),
  ).toEqual([])
})

test('a rule selects hosts by the names they were scanned under', () => {
  const seen = ['10.0.0.1', '2001:db8::1', '10.0.0.9', '10.0.0.5'].map((ip) => sighting(443, null, ip))
  const left = (...names: string[]) =>
    evaluatePolicy(deny(rule({ names })), evidence(seen), NOW).map(({ endpoint }) => endpoint.ip)
  expect(left('api.example.com')).toEqual(['2001:db8::1', '10.0.0.9', '10.0.0.5'])
  expect(left('*.example.com')).toEqual(['10.0.0.9', '10.0.0.5'])
  expect(left('mail.example.com', 'example.com')).toEqual(['10.0.0.1', '2001:db8::1', '10.0.0.5'])
  expect(left('*')).toEqual(['10.0.0.5'])
})

test('a rule selects hosts by their tags, and an unknown tag selects none', () => {
  const seen = ['10.0.0.1', '10.0.0.9'].map((ip) => sighting(443, null, ip))
  const left = (...tags: string[]) =>
    evaluatePolicy(deny(rule({ tags })), evidence(seen), NOW).map(({ endpoint }) => endpoint.ip)
  expect(left('dmz')).toEqual(['10.0.0.9'])
  expect(left('lab')).toEqual(['10.0.0.1', '10.0.0.9'])
  expect(left('lab', 'dmz')).toEqual(['10.0.0.9'])
})

test('of the addresses a rule requires, names and tags leave those that carry them', () => {
  const required = rule({ id: 'r', effect: 'require', addresses: cidr('10.0.0.0/28'), ports: tcp(443), tags: ['dmz'] })
  const missing = (selector: Partial<PolicyRule>) =>
    evaluatePolicy({ ...deny({ ...required, ...selector }) }, evidence([]), NOW).map(({ endpoint }) => endpoint.ip)
  expect(missing({})).toHaveLength(8)
  expect(missing({ names: ['*.example.com'] })).toEqual(['10.0.0.1'])
  expect(missing({ names: ['example.com'] })).toEqual([])
})
