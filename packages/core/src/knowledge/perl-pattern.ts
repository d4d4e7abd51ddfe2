/**
 * Perl regular expressions, as people write them in probe files, for an engine that runs in linear time (RE2): a file
 * from outside must not be able to hang a worker. What RE2 cannot express (look-around, back references) is refused
 * with the reason, so that it can be counted. Text is Latin-1: one character a byte.
 *
 * Possessive quantifiers and atomic groups only spare a backtracking engine work; they become plain ones.
 */
import { RE2JS } from 're2js'
import { latin1 } from '#core/wire/reader.ts'

export interface BytePattern {
  /** The captures of the first match (0 is all of it), or null. */
  exec(bytes: Uint8Array): readonly (string | undefined)[] | null
  /** Lower-case text every match contains, for a cheap veto; null when there is none. */
  readonly literal: string | null
  /** The first byte of every text that matches; null when it may be any. */
  readonly first: number | null
}

export type Translated =
  | { readonly ok: true; readonly pattern: BytePattern }
  | { readonly ok: false; readonly why: string }

/** Longest pattern taken. */
const SOURCE_CAP = 8192

/** Escapes RE2 spells differently. */
const ESCAPES: Readonly<Record<string, string>> = {
  Z: '(?:\\n?\\z)',
  h: '[ \\t]',
  H: '[^ \\t]',
  N: '[^\\n]',
  R: '(?:\\r\\n|[\\n\\r])',
  e: '\\x1b',
  '/': '/',
  '"': '"',
  "'": "'",
  '=': '=',
  ':': ':',
  ';': ';',
  '@': '@',
  '&': '&',
  '!': '!',
  '%': '%',
  '~': '~',
  '#': '#',
  '<': '<',
  '>': '>',
  ',': ',',
  '`': '`',
  ' ': ' ',
}

/** Letters that may follow a backslash. */
const KNOWN_ESCAPES = /[dDwWsSbBAzZhHNRenrtfvaxQE]/

/**
 * `flags`: `i` and `s` as in Perl. Whether the pattern is well-formed is known at once; the linear-time program is made
 * when it is first needed, because a file has ten thousand of them and a scan uses a few dozen.
 */
export function translatePerl(source: string, flags: string): Translated {
  if (source.length > SOURCE_CAP) return { ok: false, why: 'longer than 8192 characters' }
  const rewritten = rewrite(source)
  if (typeof rewritten !== 'string') return { ok: false, why: rewritten.why }
  const flaw = flawOf(source)
  if (flaw !== null) return { ok: false, why: flaw }
  const ignoreCase = flags.includes('i')
  const options = (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('s') ? RE2JS.DOTALL : 0)
  let compiled: RE2JS | null | undefined
  const exec = (bytes: Uint8Array) => {
    compiled ??= compile(rewritten, options)
    return compiled && run(compiled, latin1(bytes))
  }
  return { ok: true, pattern: { literal: literalIn(source), first: firstByteOf(source, ignoreCase), exec } }
}

/** What no engine would take, or RE2 in particular: repeats over 1000. Null when there is nothing of the kind. */
function flawOf(source: string): string | null {
  for (const [, low = '', high = ''] of source.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    if (Math.max(Number(low), Number(high)) > 1000) return 'repeat over 1000'
  try {
    new RegExp(
      source
        .replace(/\(\?>/g, '(?:')
        .replace(/\(\?[is]+\)/g, '')
        .replace(/([*+?}])\+/g, '$1'),
    )
    return null
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*\/: /s, '') : 'not understood'
  }
}

/** The byte every match begins with, when the pattern is anchored and says so. */
function firstByteOf(source: string, ignoreCase: boolean): number | null {
  if (/(?<!\\)\|/.test(source)) return null
  const [, hex, escaped, plain] =
    /^\^(?:\\x([0-9a-fA-F]{2})|\\([^a-zA-Z1-9]|[rnt])|([^\\[(.^$*+?{|]))(?![*?{])/s.exec(source) ?? []
  if (hex !== undefined) return Number.parseInt(hex, 16)
  const character = escaped === undefined ? plain : ({ r: '\r', n: '\n', t: '\t', 0: '\0' }[escaped] ?? escaped)
  if (character === undefined || (ignoreCase && /[a-z]/i.test(character))) return null
  return character.charCodeAt(0)
}

/** Null for the rare pattern that passed our checks and not RE2's: it matches nothing. */
function compile(source: string, options: number): RE2JS | null {
  try {
    return RE2JS.compile(source, options)
  } catch {
    return null
  }
}

function run(compiled: RE2JS, text: string): (string | undefined)[] | null {
  const matcher = compiled.matcher(text)
  if (!matcher.find()) return null
  return Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined)
}

/** Walks the source once; inside a class only escapes are looked at. */
function rewrite(source: string): string | { why: string } {
  let out = ''
  let inClass = false
  for (let i = 0; i < source.length; i++) {
    const c = source[i] ?? ''
    if (c === '\\') {
      const next = source[++i] ?? ''
      if (/[1-9]/.test(next) && !inClass) return { why: 'back reference' }
      if (/[a-zA-Z]/.test(next) && !KNOWN_ESCAPES.test(next)) return { why: `escape \\${next}` }
      out += inClass ? classEscape(next) : (ESCAPES[next] ?? `\\${next}`)
    } else if (inClass) {
      inClass = c !== ']' || source[i - 1] === '[' || source.slice(i - 2, i) === '[^'
      // RE2 reads an inner bracket as the start of a named class.
      out += c === '[' && source[i + 1] !== ':' ? '\\[' : c
    } else if (c === '[') {
      inClass = true
      out += c
    } else if (/^\((?:\?=|\?!|\?<=|\?<!)/.test(source.slice(i, i + 4))) return { why: 'look-around' }
    else if (/^\(\?(?:\(|R|\d|&|P>)/.test(source.slice(i, i + 4))) return { why: 'condition or recursion' }
    else if (source.startsWith('(?>', i)) {
      out += '(?:'
      i += 2
    } else if (c === '+' && /[*+?}]/.test(source[i - 1] ?? '') && source[i - 2] !== '\\') continue
    else out += c === '$' ? '(?:\\n?\\z)' : c
  }
  return out
}

function classEscape(next: string): string {
  if (next === 'h') return ' \\t'
  if (next === 'e') return '\\x1b'
  if (next === 'b') return '\\x08'
  return /[a-zA-Z0-9]/.test(next) ? `\\${next}` : /[\]\\^[-]/.test(next) ? `\\${next}` : next
}

/** The longest run of plain characters outside groups, classes and alternatives; at least four. */
function literalIn(source: string): string | null {
  if (/(?<!\\)\|/.test(source)) return null
  const plain = source
    .replace(/\[(?:\\.|[^\]\\])*\]|\((?:\\.|[^()\\])*\)[*+?]?|\\[a-zA-Z0-9](?:[0-9a-f]{2})?/g, '\0')
    .replace(/.(?:[*?]|\{[\d,]*\})/gs, '\0')
    .replace(/[\^$.+(){}|]/g, (c, at: number, all: string) => (all[at - 1] === '\\' ? c : '\0'))
    .replace(/\\(?=.)/g, '')
  const longest = plain.split('\0').reduce((best, run) => (run.length > best.length ? run : best), '')
  return longest.length >= 4 ? longest.toLowerCase() : null
}
