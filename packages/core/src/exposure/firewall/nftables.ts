/**
 * Reads `nft -j list ruleset` (libnftables-json(5)): the chains hooked to input and the chains they jump to.
 *
 *   {"rule": {"chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp",
 *    "field": "dport"}}, "right": 22}}, {"accept": null}]}}
 */
import type { PortRange } from '#core/target/port-set.ts'
import type { Transport } from '#core/target/probe-space.ts'
import {
  type Allowance,
  collectRules,
  type FirewallRules,
  MAX_CHAIN_DEPTH,
  MAX_CHAIN_STEPS,
  MAX_FIREWALL_RULES,
  MAX_FIREWALL_TEXT,
  PORTLESS,
  type RuleCollector,
} from './allowance.ts'

type Node = Readonly<Record<string, unknown>>
type Reading = {
  /** By family, table and chain. */
  readonly rules: ReadonlyMap<string, readonly Node[]>
  /** By family, table and name; of maps as well. */
  readonly sets: ReadonlyMap<string, unknown>
  readonly found: RuleCollector
  steps: number
}
/** How a chain is entered: for which packets, and whether some of them have been let go by then. */
type Entry = { readonly before: readonly Node[]; readonly leaky: boolean; readonly depth: number }

/** Throws SyntaxError when the text is not JSON. */
export function readNftRuleset(text: string): FirewallRules {
  const entries = list(node(JSON.parse(text.slice(0, MAX_FIREWALL_TEXT))).nftables)
    .slice(0, MAX_FIREWALL_RULES)
    .map(node)
  const pick = (kind: string) => entries.filter((entry) => kind in entry).map((entry) => node(entry[kind]))
  const hooked = pick('chain').filter((chain) => chain.hook === 'input')
  const found = collectRules()
  const rules = Map.groupBy(pick('rule'), (rule) => placeOf(rule, rule.chain))
  const sets = new Map([...pick('set'), ...pick('map')].map((set) => [placeOf(set, set.name), set.elem]))
  const reading = { rules, sets, found, steps: 0 }
  for (const chain of hooked) {
    found.startOver()
    follow(placeOf(chain, chain.name), reading, { before: [], leaky: false, depth: 0 })
  }
  if (!hooked.some((chain) => chain.policy === 'drop')) found.acceptRest()
  return found.rules
}

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What is no name, in a file that is not what nft printed, is no place of anything. */
const placeOf = ({ family, table }: Node, name: unknown): string =>
  typeof table === 'string' && typeof name === 'string' ? `${String(family)} ${table} ${name}` : ''

function follow(chain: string, reading: Reading, { before, leaky: entered, depth }: Entry): void {
  if (chain === '') return
  let leaky = entered
  for (const rule of reading.rules.get(chain) ?? [])
    for (const statements of spread(rule, reading)) {
      if (++reading.steps > MAX_CHAIN_STEPS) return
      const given = [...before, ...statements]
      const has = (verdict: string) => statements.some((statement) => verdict in statement)
      const target = statements.map((s) => node(s.jump ?? s.goto).target).find((t) => t !== undefined)
      if (target !== undefined && depth < MAX_CHAIN_DEPTH)
        follow(placeOf(rule, target), reading, { before: given, leaky, depth: depth + 1 })
      if (has('accept')) accept(rule, given, reading)
      if ((has('drop') || has('reject')) && !leaky) refuse(rule, given, reading)
      if (has('return')) leaky = true
      const final = ['accept', 'drop', 'reject', 'return', 'goto'].some(has)
      // What follows is never reached.
      if (final && !statements.some(narrows)) return
    }
}

const narrows = (statement: Node): boolean => 'match' in statement || 'xt' in statement || 'limit' in statement

/** A verdict map is a rule for each of its elements: `tcp dport vmap { 22 : accept, 23 : drop }`. */
function spread(rule: Node, { sets }: Reading): readonly (readonly Node[])[] {
  const statements = list(rule.expr).map(node)
  const at = statements.findIndex((statement) => 'vmap' in statement)
  if (at < 0) return [statements]
  const { key, data } = node(statements[at]?.vmap)
  const named = typeof data === 'string' ? { set: sets.get(placeOf(rule, data.slice(1))) } : data
  return elements(named).map((element) => {
    const [right, verdict] = list(element)
    const match = { match: { op: '==', left: key, right: node(node(right).elem).val ?? right } }
    return [...statements.slice(0, at), match, node(verdict), ...statements.slice(at + 1)]
  })
}

function accept(rule: Node, statements: readonly Node[], { sets, found }: Reading): void {
  const accepted = readMatches(rule, statements, sets)
  if (accepted === null) return
  if (accepted === 'all') found.acceptRest()
  else if (typeof accepted === 'string') found.skip(JSON.stringify(rule.expr), accepted)
  else
    for (const one of accepted) found.allow({ ...one, comment: typeof rule.comment === 'string' ? rule.comment : null })
}

function refuse(rule: Node, statements: readonly Node[], { sets, found }: Reading): void {
  if (statements.some((statement) => 'limit' in statement)) return
  const refused = readMatches(rule, statements, sets)
  if (refused === null || typeof refused === 'string') return
  for (const { transport, ports, from, to } of refused) if (from === null && to === null) found.refuse(transport, ports)
}

type Matches = { transports: Transport[] | null; ports: PortRange[] | null; from: string[] | null; to: string[] | null }
type Read = Omit<Allowance, 'comment'>

/** Null: nothing an outsider could start. `all`: every packet. Another string: why it cannot be expressed. */
function readMatches(rule: Node, statements: readonly Node[], sets: Reading['sets']): Read[] | string | null {
  const matches: Matches = { transports: null, ports: null, from: null, to: null }
  for (const statement of statements) {
    if (!('match' in statement)) continue
    const outcome = readMatch(node(statement.match), (name) => sets.get(placeOf(rule, name)), matches)
    if (outcome !== 'ok') return outcome === 'local' ? null : outcome
  }
  if (statements.some((statement) => 'xt' in statement)) return 'a match of iptables; import iptables-save as well'
  const { transports, from, to, ports } = matches
  if (transports === null) {
    if (ports !== null) return 'ports of no known transport'
    return statements.some(narrows) ? 'allows every port' : 'all'
  }
  return transports.map((transport) => ({ transport, ports: ports ?? [{ first: 1, last: 65_535 }], from, to }))
}

function readMatch({ op, left, right }: Node, setOf: (name: string) => unknown, into: Matches): string {
  const { payload, meta, ct } = node(left)
  const metaKey = node(meta).key
  if ((metaKey === 'iif' || metaKey === 'iifname') && right === 'lo') return 'local'
  if (node(ct).key === 'state') return list(right).includes('new') || right === 'new' ? 'ok' : 'local'
  if (op !== '==' && op !== 'in') return `the comparison ${String(op)} cannot be expressed`
  const values = elements(typeof right === 'string' && right.startsWith('@') ? { set: setOf(right.slice(1)) } : right)
  if (metaKey === 'l4proto' && values.every((value) => PORTLESS.has(String(value)))) return 'local'
  if (metaKey === 'l4proto') return keep(into, 'transports', transportsIn(values), 'protocols other than tcp and udp')
  const { protocol, field } = node(payload)
  if (field === 'dport') {
    if (protocol === 'tcp' || protocol === 'udp') into.transports = [protocol]
    return keep(into, 'ports', portsIn(values), 'ports that are not numbers')
  }
  if (field === 'saddr') return keep(into, 'from', networksIn(values), 'source addresses that are no networks')
  if (field === 'daddr') return keep(into, 'to', networksIn(values), 'destination addresses that are no networks')
  if (PORTLESS.has(String(protocol))) return 'local'
  return `the match ${JSON.stringify(left)} cannot be expressed`
}

function keep<K extends keyof Matches>(into: Matches, key: K, value: Matches[K], otherwise: string): string {
  if (value === null) return otherwise
  // A chain entered for some ports may speak of others: which it lets in is not worked out.
  if (into[key] !== null && JSON.stringify(into[key]) !== JSON.stringify(value)) return `${key} matched twice`
  into[key] = value
  return 'ok'
}

/** A right-hand side as a list: one value, or the elements of a set, each possibly wrapped in {"elem": {"val": ...}}. */
function elements(right: unknown): readonly unknown[] {
  const set = node(right).set
  if (set === undefined) return [right]
  return (Array.isArray(set) ? set : [set]).map((element) => node(node(element).elem).val ?? element)
}

function transportsIn(values: readonly unknown[]): Transport[] | null {
  const known = values.filter((value) => value === 'tcp' || value === 'udp')
  return known.length === values.length && known.length > 0 ? known : null
}

function portsIn(values: readonly unknown[]): PortRange[] | null {
  const ranges = values.map((value): PortRange | null => {
    const [first, last] = typeof value === 'number' ? [value, value] : list(node(value).range)
    return typeof first === 'number' && typeof last === 'number' && first <= last && last <= 65_535
      ? { first, last }
      : null
  })
  return ranges.every((range) => range !== null) ? ranges : null
}

function networksIn(values: readonly unknown[]): string[] | null {
  const networks = values.map((value) => {
    if (typeof value === 'string') return value
    const { addr, len } = node(node(value).prefix)
    return typeof addr === 'string' && typeof len === 'number' ? `${addr}/${len}` : null
  })
  return networks.every((network) => network !== null) ? networks : null
}
