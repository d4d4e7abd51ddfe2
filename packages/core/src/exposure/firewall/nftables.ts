/**
 * Reads `nft -j list ruleset` (libnftables-json(5)): the chains hooked to input and the chains they jump to.
 *
 *   {"rule": {"chain": "input", "expr": [{"match": {"op": "==", "left": {"payload": {"protocol": "tcp",
 *    "field": "dport"}}, "right": 22}}, {"accept": null}]}}
 */
import type { PortRange } from '#core/target/port-set.ts'
import type { Transport } from '#core/target/probe-space.ts'
import { type Allowance, type FirewallRules, MAX_FIREWALL_RULES, MAX_FIREWALL_TEXT } from './allowance.ts'

const MAX_DEPTH = 16

type Node = Readonly<Record<string, unknown>>
type Ruleset = { readonly rules: readonly Node[]; readonly sets: ReadonlyMap<string, unknown> }
type Found = { allowances: Allowance[]; skipped: { rule: string; why: string }[] }

/** Throws SyntaxError when the text is not JSON. */
export function readNftRuleset(text: string): FirewallRules {
  const entries = list(node(JSON.parse(text.slice(0, MAX_FIREWALL_TEXT))).nftables)
    .slice(0, MAX_FIREWALL_RULES)
    .map(node)
  const pick = (kind: string) => entries.filter((entry) => kind in entry).map((entry) => node(entry[kind]))
  const hooked = pick('chain').filter((chain) => chain.hook === 'input')
  const ruleset = { rules: pick('rule'), sets: new Map(pick('set').map((set) => [String(set.name), set.elem])) }
  const found: Found = { allowances: [], skipped: [] }
  for (const chain of hooked) follow(chainOf(chain.table, chain.name), ruleset, found, 0)
  return { ...found, acceptsRest: !hooked.some((chain) => chain.policy === 'drop') }
}

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What is no name, in a file that is not what nft printed, is no chain of anything. */
const chainOf = (table: unknown, chain: unknown): string =>
  typeof table === 'string' && typeof chain === 'string' ? `${table}/${chain}` : ''

function follow(chain: string, ruleset: Ruleset, found: Found, depth: number): void {
  if (chain === '') return
  for (const rule of ruleset.rules.filter((r) => chainOf(r.table, r.chain) === chain)) {
    const statements = list(rule.expr).map(node)
    const jump = statements.map((s) => node(s.jump ?? s.goto).target).find((t) => t !== undefined)
    if (jump !== undefined && depth < MAX_DEPTH) follow(chainOf(rule.table, jump), ruleset, found, depth + 1)
    if (!statements.some((s) => 'accept' in s)) continue
    const accepted = readAccept(statements, ruleset.sets)
    if (accepted === null) continue
    if (typeof accepted === 'string') found.skipped.push({ rule: JSON.stringify(rule.expr), why: accepted })
    else
      found.allowances.push(
        ...accepted.map((a) => ({ ...a, comment: typeof rule.comment === 'string' ? rule.comment : null })),
      )
  }
}

type Matches = { transports: Transport[] | null; ports: PortRange[] | null; from: string[] | null; to: string[] | null }

/** Null: lets in nothing an outsider could start. A string: why it cannot be expressed. */
function readAccept(statements: readonly Node[], sets: Ruleset['sets']): Omit<Allowance, 'comment'>[] | string | null {
  const matches: Matches = { transports: null, ports: null, from: null, to: null }
  for (const statement of statements) {
    if (!('match' in statement)) continue
    const outcome = readMatch(node(statement.match), sets, matches)
    if (outcome !== 'ok') return outcome === 'local' ? null : outcome
  }
  if (matches.transports === null) return matches.ports === null ? 'allows every port' : 'ports of no known transport'
  const { from, to, ports } = matches
  return matches.transports.map((transport) => ({ transport, ports: ports ?? [{ first: 1, last: 65_535 }], from, to }))
}

function readMatch({ op, left, right }: Node, sets: Ruleset['sets'], into: Matches): string {
  const { payload, meta, ct } = node(left)
  const metaKey = node(meta).key
  if ((metaKey === 'iif' || metaKey === 'iifname') && right === 'lo') return 'local'
  if (node(ct).key === 'state') return list(right).includes('new') || right === 'new' ? 'ok' : 'local'
  if (op !== '==' && op !== 'in') return `the comparison ${String(op)} cannot be expressed`
  const values = elements(
    typeof right === 'string' && right.startsWith('@') ? { set: sets.get(right.slice(1)) } : right,
  )
  if (metaKey === 'l4proto') return keep(into, 'transports', transportsIn(values), 'protocols other than tcp and udp')
  const { protocol, field } = node(payload)
  if (field === 'dport') {
    if (protocol === 'tcp' || protocol === 'udp') into.transports = [protocol]
    return keep(into, 'ports', portsIn(values), 'ports that are not numbers')
  }
  if (field === 'saddr') return keep(into, 'from', networksIn(values), 'source addresses that are no networks')
  if (field === 'daddr') return keep(into, 'to', networksIn(values), 'destination addresses that are no networks')
  return `the match ${JSON.stringify(left)} cannot be expressed`
}

function keep<K extends keyof Matches>(into: Matches, key: K, value: Matches[K], otherwise: string): string {
  into[key] = value
  return value === null ? otherwise : 'ok'
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
