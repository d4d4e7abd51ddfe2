/** The shipped policy against what detection really says of the services it is about. */
import { expect, test } from 'vitest'
import { identify } from '#core/detect/identify.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { DEFAULT_RULES } from '#core/exposure/default-policy.data.ts'
import { defaultPolicy } from '#core/exposure/draft-policy.ts'
import { evaluatePolicy } from '#core/exposure/evaluate-policy.ts'
import { createHostLabels } from '#core/exposure/host-labels.ts'
import { compilePolicy } from '#core/exposure/policy-document.ts'
import type { SightedService } from '#core/exposure/sighting.ts'
import { PORT_BOOK } from '#core/registry/ports.ts'
import { fixturesOf } from '#test/support/fixture.ts'

const compiled = compilePolicy('default', defaultPolicy(), PORT_BOOK)

/** The rules that speak of one open port. */
function found(port: number, service: Partial<SightedService> & { name: string }, transport: 'tcp' | 'udp' = 'tcp') {
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
  const seen = { product: null, version: null, certificate: null, ...service }
  const open = [{ vantage: 'default', ip: '192.0.2.1', transport, port, state: 'open' as const, service: seen }]
  return evaluatePolicy(
    compiled.policy,
    { open, vantages: ['default'], covers: () => true, labels: createHostLabels([], []) },
    0,
  ).map((v) => v.ruleId)
}

test('every entry says what the danger is and what to do, and its findings do as well', () => {
  for (const { id, reason, ports, services } of DEFAULT_RULES) {
    expect(reason, id).toMatch(/^[A-Z].{40,}\.$/)
    expect(ports, id).not.toBe('')
    expect(services.length, id).toBeGreaterThan(0)
  }
  expect(new Set(DEFAULT_RULES.map(({ id }) => id)).size).toBe(DEFAULT_RULES.length)
})

/** Names that only probe files of the user's tell, or that nothing needs to tell because the port is enough. */
const NOT_OURS = [
  ...['exec', 'login', 'shell', 'netbios-ssn', 'smb', 'mariadb', 'memcache', 'elasticsearch', 'opensearch', 'docker'],
  ...['kubernetes', 'kubelet', 'etcd', 'node-inspector', 'jetdirect', 'iso-tsap', 'iec-104', 'ipmi', 'cldap'],
]

test('a service is called what detection calls it', () => {
  const told = new Set(
    PROTOCOLS.flatMap(({ name }) => fixturesOf(name).map(({ expect: wanted }) => String(wanted?.name ?? name))),
  )
  const named = DEFAULT_RULES.flatMap(({ services }) => services)
  expect(named.filter((name) => !told.has(name)).sort()).toEqual([...NOT_OURS].sort())
})

test.each([
  ['telnet', 'telnet'],
  ['ftp', 'ftp'],
  ['smb', 'microsoft-ds'],
  ['rdp', 'ms-wbt-server'],
  ['winrm', 'wsman'],
  ['databases', 'mysql'],
  ['databases', 'ibm-db2'],
  ['caches', 'redis'],
  ['printers', 'ipp'],
  ['industrial', 'dnp'],
  ['industrial', 'EtherNetIP-2'],
  ['industrial', 'niagara-fox'],
  ['industrial', 'opcua-tcp'],
  ['file-services', 'mountd'],
])('%s: %s is found wherever it runs', (rule, name) => {
  expect(found(40_000, { name })).toEqual([rule])
})

const http = (head: string, body = '') => {
  const service = identify({ transport: 'tcp', data: Buffer.from(`HTTP/1.1 ${head}\r\n\r\n${body}`) })
  if (service === null) throw new Error('not identified')
  const { name, product, version } = service
  return { name, product, version }
}
const DOCKER = http(
  '404 Not Found\r\nApi-Version: 1.43\r\nServer: Docker/24.0.5 (linux)',
  '{"message":"page not found"}',
)
const ELASTIC = http('200 OK\r\nX-elastic-product: Elasticsearch', '{"tagline":"You Know, for Search"}')
const KUBERNETES = http(
  '403 Forbidden',
  '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","code":403}',
)
const ETCD = http('404 Not Found\r\nX-Etcd-Cluster-Id: cdf818194e3a8c32')
const PLAIN = http('404 Not Found\r\nContent-Type: text/plain', '404 page not found\n')

test('interfaces that speak HTTP are found, by their product and by HTTP on their ports', () => {
  expect([2375, 40_000].map((port) => found(port, DOCKER)[0])).toEqual(['docker-api-product', 'docker-api-product'])
  expect(found(40_000, ELASTIC)).toEqual(['search-product'])
  expect(found(40_000, KUBERNETES)).toEqual(['kubernetes-product'])
  expect(found(40_000, ETCD)).toEqual(['kubernetes-product'])
  // A kubelet says nothing of itself.
  expect(found(10_250, PLAIN)).toEqual(['kubernetes-port'])
  expect(found(2375, PLAIN)).toEqual(['docker-api-port'])
  expect(found(5985, PLAIN)).toEqual(['winrm-port'])
  expect([80, 443, 8000, 8080].flatMap((port) => found(port, PLAIN))).toEqual([])
})

test('LDAP over UDP amplifies, over TCP it is a directory', () => {
  expect(found(389, { name: 'ldap' }, 'udp')).toEqual(['amplifiers-port'])
  expect(found(389, { name: 'ldap' })).toEqual([])
})
