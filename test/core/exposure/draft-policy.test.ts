import { expect, test } from 'vitest'
import { baselinePolicy, defaultPolicy, firewallPolicy } from '#core/exposure/draft-policy.ts'
import { evaluatePolicy } from '#core/exposure/evaluate-policy.ts'
import { readUfwStatus } from '#core/exposure/firewall/ufw.ts'
import { createHostLabels } from '#core/exposure/host-labels.ts'
import type { Policy } from '#core/exposure/policy.ts'
import { compilePolicy, type PolicyDocument } from '#core/exposure/policy-document.ts'
import type { Sighting } from '#core/exposure/sighting.ts'
import { PORT_BOOK } from '#core/registry/ports.ts'

const NOW = Date.parse('2026-11-23T00:00:00Z')

function compiled(document: PolicyDocument): Policy {
  const result = compilePolicy('test', document, PORT_BOOK)
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.policy
}

function open(port: number, service: string | null = null, ip = '10.0.0.1', product: string | null = null): Sighting {
  const told = service === null ? null : { name: service, product, version: null, certificate: null }
  return { vantage: 'default', ip, transport: 'tcp', port, state: 'open', service: told }
}

const found = (document: PolicyDocument, ...seen: Sighting[]) =>
  evaluatePolicy(
    compiled(document),
    { open: seen, vantages: ['default'], covers: () => true, labels: createHostLabels([], []) },
    NOW,
  ).map(({ kind, ruleId, endpoint }) => `${kind} ${endpoint.port} ${ruleId}`)

test('the shipped policy finds a service wherever it runs, and accuses nobody by the port alone', () => {
  const policy = defaultPolicy()
  expect(found(policy, open(23))).toEqual(['unexpected-open 23 telnet-port'])
  expect(found(policy, open(23, 'telnet'))).toEqual(['unexpected-open 23 telnet'])
  expect(found(policy, open(4023, 'telnet'))).toEqual(['unexpected-open 4023 telnet'])
  expect(found(policy, open(23, 'ssh'))).toEqual([])
  expect(found(policy, open(443), open(22, 'ssh'))).toEqual([])
})

test('a baseline allows what was there when it was taken, and nothing else', () => {
  const seen = [open(22, 'ssh'), open(443, 'https', '10.0.0.2', 'nginx'), open(22, 'ssh', '10.0.0.3')]
  const policy = baselinePolicy(seen)
  expect(policy.rules).toHaveLength(2)
  expect(found(policy, ...seen)).toEqual([])
  expect(found(policy, open(22, 'ssh', '10.0.0.4'))).toEqual(['unexpected-open 22 null'])
  expect(found(policy, open(22, 'telnet'))).toEqual(['wrong-service 22 baseline-1'])
  expect(found(policy, open(443, 'https', '10.0.0.2', 'Apache httpd'))).toEqual(['wrong-product 443 baseline-2'])
})

test('what a firewall lets in is expected', () => {
  const rules = readUfwStatus('Status: active\n\n22/tcp                     ALLOW IN    10.0.0.0/8   # admins\n')
  const policy = firewallPolicy(rules, ['10.0.0.1'])
  expect(policy).toMatchObject({ otherwise: 'forbid', rules: [{ reason: 'admins, from 10.0.0.0/8' }] })
  expect(found(policy, open(22), open(80))).toEqual(['unexpected-open 80 null'])
})

test('every rule that cannot be meant is told, with its place', () => {
  const result = compilePolicy(
    'test',
    {
      otherwise: 'forbid',
      rules: [
        { id: 'a', effect: 'allow', targets: ['10.0.0.300'], ports: '22-' },
        { id: 'a', effect: 'allow', targets: ['host.test'] },
        { id: 'b', effect: 'require', ports: '22' },
        { id: 'c', effect: 'require', targets: ['10.0.0.0/8'], ports: '1-1000' },
      ],
    },
    PORT_BOOK,
  )
  expect(result.ok ? [] : result.errors.map(({ pointer }) => pointer)).toEqual([
    '/rules/0/targets/0',
    '/rules/0/ports',
    '/rules/1/targets/0',
    '/rules/2/targets',
    '/rules/3/targets',
    '/rules/1/id',
  ])
})
