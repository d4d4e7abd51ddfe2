/**
 * Reads a search for endpoints.
 *
 *   query = or
 *   or    = and *( "OR" and )
 *   and   = 1*( [ "AND" ] not )
 *   not   = *( "NOT" / "-" ) unit
 *   unit  = "(" or ")" / field ":" value / word
 *
 *   port:22 service:ssh product:openssh version:<9.6 net:10.0.0.0/8 -vantage:office (changed:<1d OR tls.expires:<30d)
 */
import { flawed, good, type Parsed } from '#core/target/parsed.ts'
import { FIELDS } from './conditions.ts'
import type { Condition, Query } from './query.ts'
import { type Token, tokenize } from './tokens.ts'

/** Parentheses and negations in each other, and conditions altogether. */
const MAX_DEPTH = 20
const MAX_CONDITIONS = 100

/** `now` in milliseconds since 1970: ages count from it. Null: there is nothing to look for, so everything matches. */
export function parseQuery(text: string, now: number): Parsed<Query | null> {
  const tokens = tokenize(text)
  if (!tokens.ok) return tokens
  if (tokens.value.length === 0) return good(null)
  if (tokens.value.length > MAX_CONDITIONS * 3) return flawed(0, 'too many words', 'ask for less at once')
  const reader: Reader = { tokens: tokens.value, next: 0, now, end: text.length }
  const query = readOr(reader, 0)
  if (!query.ok) return query
  const left = reader.tokens[reader.next]
  if (left) return flawed(left.at, 'this ) closes nothing', 'remove it, or put a ( before')
  return query
}

type Reader = { readonly tokens: readonly Token[]; next: number; readonly now: number; readonly end: number }

const isWord = (token: Token | undefined, word: string) =>
  token?.kind === 'word' && token.text === word && !token.quoted.includes(true)

function readOr(reader: Reader, depth: number): Parsed<Query> {
  const parts: Query[] = []
  do {
    const part = readAnd(reader, depth)
    if (!part.ok) return part
    parts.push(part.value)
  } while (skip(reader, 'OR'))
  return good(joined('or', parts))
}

function readAnd(reader: Reader, depth: number): Parsed<Query> {
  const parts: Query[] = []
  for (;;) {
    const token = reader.tokens[reader.next]
    const over = token === undefined || token.kind === 'close' || isWord(token, 'OR')
    if (over && parts.length > 0) return good(joined('and', parts))
    if (over)
      return flawed(token?.at ?? reader.end, 'a condition is missing here', 'write one, or remove the word before')
    if (parts.length > 0) skip(reader, 'AND')
    const part = readNot(reader, depth)
    if (!part.ok) return part
    parts.push(part.value)
  }
}

const joined = (kind: 'and' | 'or', parts: readonly Query[]): Query =>
  parts.length === 1 && parts[0] ? parts[0] : { kind, parts }

function skip(reader: Reader, word: string): boolean {
  if (!isWord(reader.tokens[reader.next], word)) return false
  reader.next++
  return true
}

function readNot(reader: Reader, depth: number): Parsed<Query> {
  const token = reader.tokens[reader.next]
  if (token === undefined)
    return flawed(reader.end, 'a condition is missing here', 'write one, or remove the word before')
  if (depth > MAX_DEPTH) return flawed(token.at, `nested deeper than ${MAX_DEPTH}`, 'write it flatter')
  const not = (part: Parsed<Query>): Parsed<Query> => (part.ok ? good({ kind: 'not', part: part.value }) : part)
  if (skip(reader, 'NOT') || skip(reader, '-')) return not(readNot(reader, depth + 1))
  reader.next++
  if (token.kind === 'open') return readGroup(reader, token, depth)
  if (token.kind === 'close') return flawed(token.at, 'this ) closes nothing', 'remove it, or put a ( before')
  if (isWord(token, 'AND') || isWord(token, 'OR'))
    return flawed(
      token.at,
      `${token.text} stands between two conditions`,
      `quote it to look for the word: "${token.text}"`,
    )
  return readCondition(token, reader.now)
}

function readGroup(reader: Reader, open: Token, depth: number): Parsed<Query> {
  const group = readOr(reader, depth + 1)
  if (!group.ok) return group
  if (reader.tokens[reader.next]?.kind !== 'close')
    return flawed(open.at, 'this ( is never closed', 'add a ) at its end')
  reader.next++
  return group
}

function readCondition({ text, quoted, at }: Token, now: number): Parsed<Query> {
  const is = (condition: Condition): Parsed<Query> => good({ kind: 'is', condition })
  const colon = colonIn(text, quoted)
  const name = text.slice(0, Math.max(colon, 0)).toLowerCase()
  // An IPv6 address has colons of its own.
  if (colon < 0 || /^[0-9a-f:]*$/.test(name)) {
    if (text === '') return flawed(at, 'there is nothing between the quotes', 'remove them')
    const net = FIELDS.net?.(text, now)
    return net?.ok ? is(net.value) : is({ field: 'any', contains: text })
  }
  if (!Object.hasOwn(FIELDS, name)) return flawed(at, `there is no field "${name.slice(0, 40)}"`, suggest(name))
  const condition = FIELDS[name]?.(text.slice(colon + 1), now)
  if (condition === undefined) return flawed(at, 'no such field', suggest(name))
  if (condition.ok) return is(condition.value)
  const { position, problem, fix } = condition.flaw
  return flawed(at + colon + 1 + position, problem, fix)
}

const colonIn = (text: string, quoted: readonly boolean[]) => {
  for (let i = 0; i < text.length; i++) if (text.charAt(i) === ':' && !quoted[i]) return i
  return -1
}

/** The field that takes the fewest changes of a letter to get to. */
function suggest(name: string): string {
  const names = Object.keys(FIELDS)
  const nearest = names
    .map((candidate) => ({ candidate, distance: distanceOf(name.slice(0, 40), candidate) }))
    .sort((a, b) => a.distance - b.distance)[0]
  if (nearest && nearest.distance <= 2) return `did you mean ${nearest.candidate}:?`
  return `fields are ${names.join(', ')}; quote the word to look for it as it is`
}

/** Levenshtein's. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same))
    }
    row = next
  }
  return row[b.length] ?? 0
}
