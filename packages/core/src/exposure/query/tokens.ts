/**
 * The words of a search.
 *
 *   query  = *( "(" / ")" / *"-" word )
 *   word   = 1*( plain / quoted )
 *   plain  = any character but white space, quote and parenthesis
 *   quoted = DQUOTE *( any but DQUOTE and backslash / backslash any ) DQUOTE
 */
import { flawed, good, type Parsed } from '#core/target/parsed.ts'

export type Token = {
  readonly kind: 'word' | 'open' | 'close'
  /** Without quotes and backslashes. */
  readonly text: string
  /** The same, and for each of its characters whether it was quoted: a quoted `:` separates nothing. */
  readonly quoted: readonly boolean[]
  /** Characters before it. */
  readonly at: number
}

/** Longest query, in characters. */
export const MAX_QUERY = 2_000

export function tokenize(query: string): Parsed<readonly Token[]> {
  if (query.length > MAX_QUERY) return flawed(MAX_QUERY, `longer than ${MAX_QUERY} characters`, 'split it')
  const tokens: Token[] = []
  for (let at = 0; at < query.length; ) {
    const char = query.charAt(at)
    if (/\s/.test(char)) at++
    else if (char === '(' || char === ')') {
      tokens.push({ kind: char === '(' ? 'open' : 'close', text: char, quoted: [false], at })
      at++
    } else if (char === '-') {
      // Before a word or a parenthesis: a negation, a word of its own.
      tokens.push({ kind: 'word', text: char, quoted: [false], at })
      at++
    } else {
      const word = readWord(query, at)
      if (!word.ok) return word
      tokens.push(word.value.token)
      at = word.value.end
    }
  }
  return good(tokens)
}

function readWord(query: string, at: number): Parsed<{ readonly token: Token; readonly end: number }> {
  let text = ''
  const quoted: boolean[] = []
  let opened = -1
  let end = at
  for (; end < query.length; end++) {
    const char = query.charAt(end)
    if (opened < 0 && /[\s()]/.test(char)) break
    if (char === '"') {
      opened = opened < 0 ? end : -1
      continue
    }
    if (opened >= 0 && char === '\\' && end + 1 < query.length) end++
    text += query.charAt(end)
    quoted.push(opened >= 0)
  }
  if (opened >= 0) return flawed(opened, 'the quote is never closed', 'add a " at its end')
  return good({ token: { kind: 'word', text, quoted, at }, end })
}
