/**
 * Which host names are meant: `www.example.org`, or with `*` for anything, dots included, `*.example.org`. The latter has
 * every name below example.org and not example.org itself.
 */
import { flawed, good, type Parsed } from '#core/target/parsed.ts'

/** Asterisks in one pattern: enough for any naming scheme, few enough to compare in no time. */
const MAX_ASTERISKS = 8

/** The pattern in the form names are stored in: lower-case ASCII without a trailing dot. */
export function parseNamePattern(text: string): Parsed<string> {
  const labels = text.replace(/\.$/, '').split('.')
  // Label by label, as an asterisk is nothing that IDN could spell.
  const pattern = labels.map(asciiOf).join('.')
  const write = 'write www.example.org or *.example.org'
  if (pattern.split('.').includes('')) return flawed(0, 'a label of the name is empty', write)
  if (pattern.length > 253) return flawed(0, 'the name is longer than 253 characters', 'shorten it')
  if (!/^[a-z0-9.*-]+$/i.test(pattern)) return flawed(0, 'this is no host name', write)
  if (/^[\d.*]*\d[\d.*]*$/.test(pattern)) return flawed(0, 'this is an address', 'select addresses by targets')
  if (pattern.split('*').length > MAX_ASTERISKS + 1)
    return flawed(0, `more than ${MAX_ASTERISKS} asterisks`, 'one stands for any number of characters')
  return good(pattern.toLowerCase())
}

/** With the means of a browser, where searches are read as well. What is no label is left for others to refuse. */
function asciiOf(label: string): string {
  const plain = /^[\x21-\x7e]*$/.test(label) || /[\s/:?#@%\\[\]*]/.test(label)
  return plain || !URL.canParse(`http://${label}`) ? label : new URL(`http://${label}`).hostname
}
