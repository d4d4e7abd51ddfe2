import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffScans, type ScanView } from '#core/exposure/diff.ts'
import type { EndpointKey, SightedService, Sighting } from '#core/exposure/sighting.ts'

const ssh = (version: string | null): SightedService => ({
  name: 'ssh',
  product: 'OpenSSH',
  version,
  certificate: null,
})

function sighting(port: number, service: SightedService | null = null): Sighting {
  return { vantage: 'default', ip: '192.0.2.1', transport: 'tcp', port, state: 'open', service }
}

function view(open: readonly Sighting[], covers: (endpoint: EndpointKey) => boolean = () => true): ScanView {
  return { open, covers }
}

test('opened and closed ports are told', () => {
  const { changes, notComparable } = diffScans(view([sighting(22), sighting(80)]), view([sighting(22), sighting(443)]))
  expect(changes.map((c) => [c.kind, c.endpoint.port])).toEqual([
    ['opened', 443],
    ['closed', 80],
  ])
  expect(notComparable).toEqual([])
})

test('a port the other scan did not look at is not comparable', () => {
  const onlySsh = (endpoint: EndpointKey) => endpoint.port === 22
  const wider = diffScans(view([sighting(22)], onlySsh), view([sighting(22), sighting(443)]))
  expect(wider).toEqual({
    changes: [],
    notComparable: [{ endpoint: expect.objectContaining({ port: 443 }), seenIn: 'after' }],
  })
  const narrower = diffScans(view([sighting(22), sighting(443)]), view([sighting(22)], onlySsh))
  expect(narrower.changes).toEqual([])
  expect(narrower.notComparable.map((n) => n.seenIn)).toEqual(['before'])
})

test('the same port seen from another vantage is another endpoint', () => {
  const office = { ...sighting(22), vantage: 'office' }
  const fromDefault = (endpoint: EndpointKey) => endpoint.vantage === 'default'
  const fromOffice = (endpoint: EndpointKey) => endpoint.vantage === 'office'
  expect(diffScans(view([sighting(22)], fromDefault), view([office], fromOffice)).changes).toEqual([])
})

test('a version that is told differently is a change, one that is not told is none', () => {
  const kinds = (was: SightedService | null, now: SightedService | null) =>
    diffScans(view([sighting(22, was)]), view([sighting(22, now)])).changes.map((c) => c.kind)
  expect(kinds(ssh('9.2p1'), ssh('9.6p1'))).toEqual(['version-changed'])
  expect(kinds(ssh('9.2p1'), ssh(null))).toEqual([])
  expect(kinds(ssh('9.2p1'), null)).toEqual([])
  expect(kinds(ssh('9.2p1'), { ...ssh('2022.83'), product: 'Dropbear sshd' })).toEqual(['service-changed'])
})

test('a renewed certificate is a change beside a version change', () => {
  const web = (version: string, sha256: string): SightedService => ({
    name: 'http',
    product: 'nginx',
    version,
    certificate: { sha256, notAfter: '2027-01-01T00:00:00Z' },
  })
  const { changes } = diffScans(view([sighting(443, web('1.22', 'aa'))]), view([sighting(443, web('1.24', 'bb'))]))
  expect(changes.map((c) => c.kind)).toEqual(['version-changed', 'certificate-changed'])
})

test('open|filtered is silence, not an open port', () => {
  const silent: Sighting = { ...sighting(161), transport: 'udp', state: 'open|filtered' }
  expect(diffScans(view([]), view([silent])).changes).toEqual([])
})

test('a scan does not differ from itself, and swapping the two swaps opened and closed', () => {
  const ports = fc.uniqueArray(fc.integer({ min: 1, max: 40 }))
  fc.assert(
    fc.property(ports, ports, ports, (a, b, lookedAt) => {
      const covers = (endpoint: EndpointKey) => lookedAt.includes(endpoint.port) || a.includes(endpoint.port)
      const one = view(
        a.map((p) => sighting(p)),
        covers,
      )
      const two = view(b.map((p) => sighting(p)))
      expect(diffScans(one, one)).toEqual({ changes: [], notComparable: [] })
      const count = (d: ReturnType<typeof diffScans>, kind: string) => d.changes.filter((c) => c.kind === kind).length
      expect(count(diffScans(one, two), 'opened')).toBe(count(diffScans(two, one), 'closed'))
      expect(diffScans(one, two).notComparable.length).toBe(diffScans(two, one).notComparable.length)
    }),
  )
})
