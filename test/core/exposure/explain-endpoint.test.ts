import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainEndpoint, type SeenEndpoint } from '#core/exposure/explain-endpoint.ts'

const SEEN: SeenEndpoint = {
  ip: '9.9.9.9',
  port: 443,
  transport: 'tcp',
  state: 'open',
  reason: 'syn-ack',
  detection: 'identified',
  service: 'nginx 1.22.1',
}
const said = (seen: Partial<SeenEndpoint>) => {
  const { meaning, tryNext } = explainEndpoint({ ...SEEN, ...seen })
  return [meaning, ...tryNext].join('\n')
}
const silent = { state: 'filtered', reason: 'no-response', detection: null, service: null } as const

test('each finding leads to its own advice', () => {
  expect(said({})).toContain('it is nginx 1.22.1')
  const expired = said({ certificate: { expired: true, notAfter: '2021-01-01T00:00:00.000Z' } })
  expect(expired).toMatch(/certificate expired on 2021-01-01\.\nRenew the certificate/)
  expect(said({ certificate: { expired: false, notAfter: '2099-01-01T00:00:00.000Z' } })).not.toContain('certificate')
  const words = Buffer.from('\x1b[31mGUTEN\x07 TAG\r\n'.padEnd(500, 'x'))
  expect(said({ detection: 'unidentified', service: null, words })).toMatch(
    /^Something accepts connections here, in a protocol Portolan does not know: ".{0,8}GUTEN.{0,3}TAG[ x]{0,60}"\./,
  )
  expect(said({ transport: 'udp', port: 53, service: 'domain' })).toMatch(/^Something answers here; it is domain\./)
  expect(said({ detection: 'tcpwrapped', service: null })).toContain('access list')
  expect(said({ detection: 'silent', service: null })).toContain('says nothing')
  expect(said({ port: 2375 })).toContain('root on the host')
  expect(said({ state: 'closed', reason: 'reset' })).toContain('The host was reached and refused')
  expect(said({ state: 'closed', reason: 'reset', from: '192.0.2.1' })).toContain('192.0.2.1 answered in the place')
  expect(said(silent)).toContain('no router forwards the port')
  expect(said({ ...silent, port: 25 })).toContain('587')
  expect(said({ ...silent, reason: 'admin-prohibited', from: '192.0.2.1' })).toContain(
    '192.0.2.1 says that a rule forbids it',
  )
  expect(said({ ...silent, ip: '192.168.1.9' })).toContain('inside address')
  expect(said({ state: 'closed', reason: 'reset', ip: '192.168.1.9' })).not.toContain('inside address')
  expect(said({ ...silent, transport: 'udp', port: 53, state: 'open|filtered' })).toContain('domain')
})

test('whatever was seen, there is a sentence and something to do', () => {
  const seen = fc.record({
    ip: fc.constantFrom('9.9.9.9', '127.0.0.1', '10.0.0.1', '2001:db8::1', 'nonsense'),
    port: fc.integer({ min: 1, max: 65_535 }),
    transport: fc.constantFrom('tcp' as const, 'udp' as const),
    state: fc.constantFrom('open' as const, 'closed' as const, 'filtered' as const, 'open|filtered' as const),
    reason: fc.constantFrom('no-response', 'host-unreach', 'net-unreach', 'ttl-exceeded', 'new-word'),
    detection: fc.constantFrom(null, 'silent' as const, 'unidentified' as const),
  })
  fc.assert(
    fc.property(seen, (some) => {
      const { meaning, tryNext } = explainEndpoint({ ...some, service: null })
      expect(meaning).toMatch(/^[A-Z0-9].*\.$/)
      expect(tryNext.length).toBeGreaterThan(0)
    }),
  )
})
