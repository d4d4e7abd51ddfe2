/** Rule sets as the real tools print them: ufw 0.36, iptables 1.8 and nft 1.0, captured in a network namespace. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firewallPolicy } from '#core/exposure/draft-policy.ts'
import type { FirewallRules } from '#core/exposure/firewall/allowance.ts'
import { readIptablesSave } from '#core/exposure/firewall/iptables.ts'
import { readNftRuleset } from '#core/exposure/firewall/nftables.ts'
import { readUfwStatus } from '#core/exposure/firewall/ufw.ts'

const TEXTS = [
  'ufw-status.txt',
  'ufw-status-plain.txt',
  'iptables-save.txt',
  'iptables-save-chains.txt',
  'nft.json',
  'nft-chains.json',
]
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

const OF_UFW = [
  'tcp 22',
  'tcp 80,443',
  'tcp 5432 from 10.0.0.0/8',
  'tcp 6000-6007',
  'tcp 53 from 192.0.2.7',
  'udp 53 from 192.0.2.7',
  'tcp 8443 to 192.0.2.1',
  'tcp 7777',
]

test('ufw status as most people type it, and with numbers', () => {
  const rules = readUfwStatus(fixture('ufw-status-plain.txt'))
  expect(show(rules)).toEqual([
    ...OF_UFW,
    'tcp 22',
    'tcp 80,443',
    'tcp 6000-6007',
    'tcp 8080 from 2001:db8::/32',
    'tcp 7777',
    'tcp 443 to 2001:db8::5',
  ])
  expect(rules.skipped.map(({ rule, why }) => `${rule.split(/ {2,}/)[0]}: ${why}`)).toEqual([
    'Anywhere: allows every port',
    '9000/tcp on lo: limited to an interface',
    '1024:65535/tcp: limited to source ports or a protocol',
    'Anywhere: allows every port',
    '9000/tcp (v6) on lo: limited to an interface',
    '1024:65535/tcp (v6): limited to source ports or a protocol',
  ])
  const { allowances, refused } = readUfwStatus(fixture('ufw-status-numbered.txt'))
  expect({ allowances, refused }).toEqual({ allowances: rules.allowances, refused: rules.refused })
})

test('what ufw has made of its rules, as iptables-save tells it', () => {
  const rules = readIptablesSave(fixture('iptables-save-of-ufw.txt'))
  const multicast = ['udp 5353 to 224.0.0.251/32', 'udp 1900 to 239.255.255.250/32']
  expect(show(rules)).toEqual([...multicast, ...OF_UFW.map((rule) => rule.replace(/ (from|to) [\d.]+$/, '$&/32'))])
  // What lets in pings opens no port, and is no loss.
  expect(rules.skipped.filter(({ rule }) => /icmp/.test(rule))).toEqual([])
  const six = readIptablesSave(fixture('ip6tables-save-of-ufw.txt'))
  expect(show(six).slice(2)).toEqual([
    'tcp 22',
    'tcp 80,443',
    'tcp 6000-6007',
    'tcp 8080 from 2001:db8::/32',
    'tcp 7777',
    'tcp 443 to 2001:db8::5/128',
  ])
})

test('a chain lets in no more than it is entered for, and not what was turned away before', () => {
  const rules = readIptablesSave(fixture('iptables-save-chains.txt'))
  expect(show(rules)).toEqual([
    'tcp 8000-8004,8006-8010',
    'tcp 22 from 10.0.0.0/8',
    'tcp 3000-4000 from 10.0.0.0/8',
    'tcp 80,443 to 192.0.2.1/32',
  ])
  expect(rules.skipped).toEqual([
    { rule: '-A outside -p tcp -m tcp --dport 9100 -j ACCEPT', why: 'the match -i cannot be expressed' },
  ])
  const nft = readNftRuleset(fixture('nft-chains.json'))
  expect(show(nft)).toEqual([
    'tcp 8888',
    'tcp 8000-8004,8006-8010',
    'tcp 22,3389 from 10.0.0.0/8',
    'tcp 5900-5903 from 10.0.0.0/8',
    'tcp 443 to 192.0.2.1',
    'tcp 80', // from a verdict map
    'tcp 2222',
    'tcp 8080', // from a named one
    'udp 51820',
  ])
  expect(nft.skipped).toMatchObject([{ why: expect.stringContaining('iifname') }])
})

test('what nft cannot tell of a rule that iptables made lets nothing in', () => {
  const rules = readNftRuleset(fixture('nft-of-iptables.json'))
  // The multiport rule of the chain web would be every port of TCP without its match.
  expect(show(rules)).toEqual(['tcp 8000-8004,8006-8010', 'tcp 22 from 10.0.0.0/8', 'tcp 3000-4000 from 10.0.0.0/8'])
  expect(rules.skipped.filter(({ why }) => why.startsWith('a match of iptables'))).toHaveLength(2)
})

test('where the rest is let in, what is turned away is forbidden', () => {
  const document = firewallPolicy(readIptablesSave(fixture('iptables-save-chains.txt')), ['192.0.2.0/24'])
  expect(document.otherwise).toBe('allow')
  expect(document.rules.at(-1)).toMatchObject({
    effect: 'forbid',
    ports: '25,139,445,8005',
    targets: ['192.0.2.0/24'],
  })
})

test('any text is read without throwing, JSON or not', () => {
  const cut = fc.tuple(fc.constantFrom(...TEXTS).map(fixture), fc.nat(4000), fc.string())
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

test('a megabyte of gaps is read in the time of any other text', () => {
  const gap = ' '.repeat(450_000)
  expect(readUfwStatus(`22/tcp${gap}x${gap}`).allowances).toEqual([])
  expect(readUfwStatus(`22/tcp  ALLOW IN  Any${'\t'.repeat(900_000)}#`).allowances).toEqual([])
  expect(show(readUfwStatus(`22/tcp${gap}ALLOW IN${gap}Anywhere`))).toEqual(['tcp 22'])
})
