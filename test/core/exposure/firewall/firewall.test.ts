/** Rule sets as the real tools print them; the ones of nft and iptables were captured in a network namespace. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FirewallRules } from '#core/exposure/firewall/allowance.ts'
import { readIptablesSave } from '#core/exposure/firewall/iptables.ts'
import { readNftRuleset } from '#core/exposure/firewall/nftables.ts'
import { readUfwStatus } from '#core/exposure/firewall/ufw.ts'

const fixture = (name: string) =>
  readFileSync(new URL(`../../../fixtures/firewall-rules/${name}`, import.meta.url), 'utf8')

/** One line per allowance: `tcp 80,443 from 10.0.0.0/8 to 192.0.2.1`. */
function show({ allowances }: FirewallRules): string[] {
  return allowances.map(({ transport, ports, from, to }) => {
    const list = ports.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(',')
    return `${transport} ${list}${from ? ` from ${from}` : ''}${to ? ` to ${to}` : ''}`
  })
}

test('ufw status', () => {
  const rules = readUfwStatus(fixture('ufw-status.txt'))
  expect(show(rules)).toEqual([
    'tcp 22',
    'tcp 80,443',
    'tcp 5432 from 10.0.0.0/8',
    'tcp 6000-6007',
    'tcp 53 from 192.0.2.7',
    'udp 53 from 192.0.2.7',
    'tcp 8443 to 192.0.2.1',
    'tcp 22',
  ])
  expect(rules.allowances[1]?.comment).toBe('web sites')
  expect(rules.skipped.map((s) => s.rule.split(/ {2,}/)[0])).toEqual(['OpenSSH', 'Anywhere'])
  expect(rules.acceptsRest).toBe(false)
  expect(readUfwStatus('Status: inactive\n').acceptsRest).toBe(true)
})

test('iptables-save', () => {
  const rules = readIptablesSave(fixture('iptables-save.txt'))
  expect(show(rules)).toEqual(['tcp 22', 'tcp 80,443,8000-8010', 'udp 53 from 10.0.0.0/8', 'tcp 7000'])
  expect(rules.skipped).toMatchObject([{ why: 'the match ! -s cannot be expressed' }])
  expect(rules.acceptsRest).toBe(false)
})

test('nft -j list ruleset', () => {
  const rules = readNftRuleset(fixture('nft.json'))
  expect(show(rules)).toEqual([
    'tcp 22',
    'tcp 8000-8010,9000',
    'tcp 5432 from 10.0.0.0/8',
    'udp 53 from 2001:db8::/32,fd00::/8',
    'tcp 80,443',
    'tcp 5353',
    'udp 5353',
    'udp 60000-61000 to 192.0.2.1',
    'tcp 7000',
  ])
  expect(rules).toMatchObject({ skipped: [], acceptsRest: false })
})

test('any text is read without throwing, JSON or not', () => {
  const cut = fc.tuple(
    fc.constantFrom('ufw-status.txt', 'iptables-save.txt', 'nft.json').map(fixture),
    fc.nat(4000),
    fc.string(),
  )
  fc.assert(
    fc.property(cut, ([text, at, noise]) => {
      const mutated = text.slice(0, at) + noise + text.slice(at + noise.length)
      readUfwStatus(mutated)
      readIptablesSave(mutated)
      try {
        readNftRuleset(mutated)
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
      }
    }),
    { numRuns: 300 },
  )
  const shapes = fc.jsonValue({ maxDepth: 4 })
  const rule = fc.record({ rule: fc.record({ table: shapes, chain: fc.constant('input'), expr: shapes }) })
  fc.assert(
    fc.property(fc.array(fc.oneof(rule, shapes)), (entries) => {
      readNftRuleset(
        JSON.stringify({ nftables: [{ chain: { table: 't', name: 'input', hook: 'input' } }, ...entries] }),
      )
    }),
    { numRuns: 300 },
  )
})
