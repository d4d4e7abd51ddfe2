/** The words of the query language, for whoever types one. */

export type Completion = { readonly word: string; readonly about: string }

const FIELDS: readonly Completion[] = [
  { word: 'port:', about: 'port:22 or port:8000-8100' },
  { word: 'service:', about: 'service:ssh' },
  { word: 'product:', about: 'product:openssh, * stands for anything' },
  { word: 'version:', about: 'version:<9.6' },
  { word: 'net:', about: 'net:10.0.0.0/8' },
  { word: 'state:', about: 'open, closed, filtered' },
  { word: 'transport:', about: 'tcp or udp' },
  { word: 'vantage:', about: 'where it was seen from' },
  { word: 'tag:', about: 'tag:dmz, a word for addresses' },
  { word: 'name:', about: 'scanned under: name:*.example.org' },
  { word: 'hostname:', about: 'what its services call it' },
  { word: 'banner:', about: 'part of what it sent' },
  { word: 'cpe:', about: 'part of a CPE name' },
  { word: 'os:', about: 'os:linux*' },
  { word: 'vendor:', about: 'vendor:cisco' },
  { word: 'device:', about: 'device:router' },
  { word: 'info:', about: 'part of the extra information' },
  { word: 'changed:', about: 'changed:<1d' },
  { word: 'first:', about: 'first seen: first:<7d' },
  { word: 'seen:', about: 'last seen: seen:>30d' },
  { word: 'tls.expires:', about: 'tls.expires:<30d' },
  { word: 'tls.sha256:', about: 'a certificate’s fingerprint' },
  { word: 'has:', about: 'service, product, version, tls, hostname' },
]

const VALUES: Readonly<Record<string, readonly string[]>> = {
  state: ['open', 'closed', 'filtered', 'open|filtered'],
  transport: ['tcp', 'udp'],
  has: ['service', 'product', 'version', 'tls', 'hostname'],
  changed: ['<1h', '<1d', '<7d', '<30d'],
  first: ['<1h', '<1d', '<7d', '<30d'],
  seen: ['<1d', '>7d', '>30d'],
  'tls.expires': ['<7d', '<30d', '<90d'],
}

const MOST = 8
const startOf = (text: string, caret: number) => text.slice(0, caret).search(/[^\s()]*$/)

/** What the word at the caret may become. */
export function completionsOf(text: string, caret: number): readonly Completion[] {
  const typed = text.slice(startOf(text, caret), caret).replace(/^-/, '').toLowerCase()
  if (typed === '') return []
  const [field = '', value] = typed.split(':')
  if (value === undefined) return FIELDS.filter(({ word }) => word.startsWith(typed)).slice(0, MOST)
  return (VALUES[field] ?? [])
    .filter((one) => one.startsWith(value) && one !== value)
    .map((one) => ({ word: `${field}:${one}`, about: '' }))
}

/** The text with the word at the caret replaced; a whole condition is followed by a space. */
export function replaceWord(text: string, caret: number, word: string): string {
  const start = startOf(text, caret)
  const minus = text.charAt(start) === '-' ? '-' : ''
  return `${text.slice(0, start)}${minus}${word}${word.endsWith(':') ? '' : ' '}${text.slice(caret)}`
}
