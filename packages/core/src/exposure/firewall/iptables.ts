/**
 * Reads `iptables-save` and `ip6tables-save`: the INPUT chain of the filter table and the chains it jumps to.
 *
 *   :INPUT DROP [0:0]
 *   -A INPUT -s 10.0.0.0/8 -p tcp -m multiport --dports 80,443 -m comment --comment "web" -j ACCEPT
 */
import {
  type Allowance,
  type FirewallRules,
  MAX_FIREWALL_RULES,
  MAX_FIREWALL_TEXT,
  parseFirewallPorts,
} from './allowance.ts'

/** Chains that jump deeper than this are not followed; a loop cannot occur in a loaded rule set, but in a forged text. */
const MAX_DEPTH = 16

type Found = { allowances: Allowance[]; skipped: { rule: string; why: string }[] }
type Rule = { readonly text: string; readonly options: ReadonlyMap<string, string> }

export function readIptablesSave(text: string): FirewallRules {
  const chains = new Map<string, Rule[]>()
  let table = ''
  let policy = 'ACCEPT'
  for (const line of text.slice(0, MAX_FIREWALL_TEXT).split(/\r?\n/, MAX_FIREWALL_RULES)) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    if (table !== 'filter') continue
    policy = line.match(/^:INPUT (\S+)/)?.[1] ?? policy
    const [, chain, rest] = line.match(/^(?:\[\d+:\d+\] )?-A (\S+) (.*)$/) ?? []
    if (chain === undefined || rest === undefined) continue
    chains.set(chain, [...(chains.get(chain) ?? []), { text: line, options: readOptions(rest) }])
  }
  const found: Found = { allowances: [], skipped: [] }
  follow('INPUT', chains, found, 0)
  return { ...found, acceptsRest: policy === 'ACCEPT' }
}

/** `-p tcp ! -s 10.0.0.0/8 --comment "two words"` as a map; a negated option is kept under `! -s`. */
function readOptions(text: string): Map<string, string> {
  const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '')
  const options = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (!word.startsWith('-')) continue
    const next = words[i + 1]
    const value = next === undefined || /^(-|!$)/.test(next) ? '' : next
    options.set(words[i - 1] === '!' ? `! ${word}` : word, value)
  }
  return options
}

/** Matches that narrow nothing an outsider could notice. */
const HARMLESS = new Set([
  '-p',
  '-m',
  '-j',
  '-s',
  '-d',
  '--dport',
  '--dports',
  '--comment',
  '--syn',
  '--tcp-flags',
  '--ctstate',
  '--state',
])

function follow(chain: string, chains: ReadonlyMap<string, readonly Rule[]>, found: Found, depth: number): void {
  for (const { text, options } of chains.get(chain) ?? []) {
    const target = options.get('-j') ?? options.get('-g') ?? ''
    if (target !== 'ACCEPT') {
      if (chains.has(target) && depth < MAX_DEPTH) follow(target, chains, found, depth + 1)
      continue
    }
    const states = options.get('--ctstate') ?? options.get('--state')
    if (options.get('-i') === 'lo' || (states !== undefined && !/\bNEW\b/.test(states))) continue
    const rule = readAccept(options)
    if (typeof rule === 'string') found.skipped.push({ rule: text, why: rule })
    else found.allowances.push(rule)
  }
}

function readAccept(options: ReadonlyMap<string, string>): Allowance | string {
  const strange = [...options.keys()].find((key) => !HARMLESS.has(key))
  if (strange !== undefined) return `the match ${strange} cannot be expressed`
  const transport = options.get('-p')
  if (transport !== 'tcp' && transport !== 'udp')
    return transport === undefined ? 'allows every protocol' : `protocol ${transport}`
  const text = options.get('--dport') ?? options.get('--dports')
  const ports = text === undefined ? [{ first: 1, last: 65_535 }] : parseFirewallPorts(text)
  if (ports === null) return 'ports that are not numbers'
  const from = options.get('-s')?.split(',') ?? null
  const to = options.get('-d')?.split(',') ?? null
  return { transport, ports, from, to, comment: options.get('--comment') ?? null }
}
