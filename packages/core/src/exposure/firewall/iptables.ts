/**
 * Reads `iptables-save` and `ip6tables-save`: the INPUT chain of the filter table and the chains it jumps to.
 *
 *   :INPUT DROP [0:0]
 *   -A INPUT -s 10.0.0.0/8 -p tcp -m multiport --dports 80,443 -m comment --comment "web" -j ACCEPT
 */
import {
  type Allowance,
  collectRules,
  type FirewallRules,
  MAX_CHAIN_DEPTH,
  MAX_CHAIN_STEPS,
  MAX_FIREWALL_RULES,
  MAX_FIREWALL_TEXT,
  PORTLESS,
  parseFirewallPorts,
  type RuleCollector,
} from './allowance.ts'

type Options = ReadonlyMap<string, string>
type Rule = { readonly text: string; readonly options: Options }
type Reading = { readonly chains: ReadonlyMap<string, readonly Rule[]>; readonly found: RuleCollector; steps: number }
/** How a chain is entered: for which packets, and whether some of them have been let go by then. */
type Entry = { readonly before: Options; readonly leaky: boolean; readonly depth: number }

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
    const rules = chains.get(chain) ?? []
    rules.push({ text: line, options: readOptions(rest) })
    chains.set(chain, rules)
  }
  const found = collectRules()
  follow('INPUT', { chains, found, steps: 0 }, { before: new Map(), leaky: false, depth: 0 })
  if (policy === 'ACCEPT') found.acceptRest()
  return found.rules
}

/** `-p tcp ! -s 10.0.0.0/8 --comment "two words"` as a map; a negated option is kept under `! -s`, all of `-m` in one. */
function readOptions(text: string): Map<string, string> {
  const words = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '')
  const options = new Map<string, string>()
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (!word.startsWith('-')) continue
    const next = words[i + 1]
    const value = next === undefined || /^(-|!$)/.test(next) ? '' : next
    const earlier = word === '-m' ? options.get('-m') : undefined
    options.set(words[i - 1] === '!' ? `! ${word}` : word, earlier === undefined ? value : `${earlier} ${value}`)
  }
  return options
}

/** Say nothing of the packet. */
const MUTE = new Set(['-j', '-g', '-m', '--comment', '--reject-with'])
/** With these alone a rule speaks of ports, whoever asks for them. */
const PLAIN = new Set([...MUTE, '-p', '--dport', '--dports'])
/** Matches that narrow nothing an outsider could notice, or that can be told. */
const TELLABLE = new Set([...PLAIN, '-s', '-d', '--syn', '--tcp-flags', '--ctstate', '--state'])
/** Modules that do nothing but by their options. */
const MODULES = new Set(['tcp', 'udp', 'multiport', 'comment', 'conntrack', 'state'])

/** The first match that cannot be told with these; undefined when all can. */
function strangerTo(known: ReadonlySet<string>, options: Options): string | undefined {
  const module = options
    .get('-m')
    ?.split(' ')
    .find((name) => !MODULES.has(name))
  return [...options.keys()].find((key) => !known.has(key)) ?? (module && `-m ${module}`)
}

function follow(chain: string, reading: Reading, { before, leaky: entered, depth }: Entry): void {
  const { chains, found } = reading
  let leaky = entered
  for (const { text, options } of chains.get(chain) ?? []) {
    if (++reading.steps > MAX_CHAIN_STEPS) return
    const target = options.get('-j') ?? options.get('-g') ?? ''
    const given = both(before, options)
    if (target === 'ACCEPT') accept(text, given, found)
    else if (target === 'DROP' || target === 'REJECT') {
      if (!leaky) refuse(given, found)
    } else if (chains.has(target) && depth < MAX_CHAIN_DEPTH)
      follow(target, reading, { before: given, leaky, depth: depth + 1 })
    else if (target === 'RETURN') leaky = true
    const final = /^(ACCEPT|DROP|REJECT|RETURN)$/.test(target) || options.has('-g')
    // What follows is never reached.
    if (final && strangerTo(MUTE, options) === undefined) return
  }
}

/** What is true of a packet that entered a chain under `before` and matches a rule of it. */
function both(before: Options, own: Options): Options {
  if (before.size === 0) return own
  const merged = new Map(before)
  for (const [key, value] of own) {
    const earlier = before.get(key)
    if (earlier === undefined || MUTE.has(key))
      merged.set(key, key === '-m' ? `${earlier ?? ''} ${value}`.trim() : value)
    else if (earlier !== value) merged.set(`${key} twice`, '')
  }
  return merged
}

function accept(text: string, options: Options, found: RuleCollector): void {
  const states = options.get('--ctstate') ?? options.get('--state')
  if (options.get('-i') === 'lo' || (states !== undefined && !/\bNEW\b/.test(states))) return
  if (PORTLESS.has(options.get('-p') ?? '')) return
  const rule = strangerTo(MUTE, options) === undefined ? 'all' : readRule(options)
  if (rule === 'all') found.acceptRest()
  else if (typeof rule === 'string') found.skip(text, rule)
  else found.allow(rule)
}

function refuse(options: Options, found: RuleCollector): void {
  if (strangerTo(PLAIN, options) !== undefined) return
  const rule = readRule(options)
  if (typeof rule !== 'string') found.refuse(rule.transport, rule.ports)
}

function readRule(options: Options): Allowance | string {
  const strange = strangerTo(TELLABLE, options)
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
