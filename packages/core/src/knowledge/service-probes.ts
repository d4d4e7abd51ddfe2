/**
 * Reads a file in the format of nmap-service-probes, as its documentation gives it (nmap reference guide, chapter
 * "Service and Version Detection", section "nmap-service-probes File Format"). The file is the user's; none is shipped.
 *
 *   Exclude T:9100-9107
 *   Probe TCP GetRequest q|GET / HTTP/1.0\r\n\r\n|
 *   rarity 1 / ports 80,8000-8010 / sslports 443 / totalwaitms 6000 / tcpwrappedms 3000 / fallback Name,Name
 *   match SERVICE mDpatternD[is] p/product/ v/version/ i/info/ h/host/ o/os/ d/device/ cpe:/a:vendor:product:version/
 *   softmatch SERVICE mDpatternD[is]
 *
 * Every delimiter may be any character. What cannot be used is counted and kept with its line number.
 */
import type { Transport } from '#core/target/probe-space.ts'
import { type BytePattern, translatePerl } from './perl-pattern.ts'

export interface ProbeMatch {
  readonly service: string
  /** A soft match names the service only; more questions may follow. */
  readonly soft: boolean
  readonly pattern: BytePattern
  /** `p`, `v`, `i`, `h`, `o`, `d` and any number of `cpe`, with `$1` and the helper functions still in them. */
  readonly templates: readonly (readonly [field: string, template: string])[]
}

export interface UserProbe {
  readonly transport: Transport
  readonly name: string
  readonly payload: Uint8Array
  readonly ports: readonly number[]
  readonly sslPorts: readonly number[]
  /** 1 (often useful) to 9. */
  readonly rarity: number
  /** Milliseconds to wait for the answer; null where the file does not say. */
  readonly wait: number | null
  /** Probes whose matches are tried too. */
  readonly fallback: readonly string[]
  readonly matches: readonly ProbeMatch[]
}

export interface ServiceProbes {
  readonly probes: readonly UserProbe[]
  /** Port spec of what must not be probed. */
  readonly exclude: string | null
  readonly matches: number
  readonly skipped: readonly { readonly line: number; readonly why: string }[]
}

/** A file of several megabytes is normal; a hundred is not. */
const FILE_CAP = 100_000_000
const PORTS_CAP = 65_536

type Draft = { -readonly [K in keyof UserProbe]: UserProbe[K] } & {
  ports: number[]
  sslPorts: number[]
  matches: ProbeMatch[]
}
type State = { probes: Draft[]; skipped: { line: number; why: string }[]; exclude: string | null; matches: number }

export function readServiceProbes(text: string): ServiceProbes {
  const state: State = { probes: [], skipped: [], exclude: null, matches: 0 }
  const lines = text.slice(0, FILE_CAP).split(/\r?\n/)
  for (const [i, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue
    const why = readLine(line, state)
    if (why !== null) state.skipped.push({ line: i + 1, why })
  }
  return state
}

/** Null, or why the line could not be used. */
function readLine(line: string, state: State): string | null {
  const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(line) ?? []
  if (word === 'Exclude') state.exclude = rest.trim()
  else if (word === 'Probe') return readProbe(rest, state)
  else {
    const probe = state.probes.at(-1)
    if (probe === undefined) return 'stands before the first Probe'
    if (word === 'match' || word === 'softmatch') return readMatch(rest, word === 'softmatch', probe, state)
    return readDirective(word, rest.trim(), probe)
  }
  return null
}

function readDirective(word: string, value: string, probe: Draft): string | null {
  if (word === 'ports') probe.ports.push(...readPorts(value))
  else if (word === 'sslports') probe.sslPorts.push(...readPorts(value))
  else if (word === 'rarity') probe.rarity = Number(value) || 5
  else if (word === 'totalwaitms') probe.wait = Math.min(Number(value) || 5000, 30_000)
  else if (word === 'fallback') probe.fallback = value.split(',').map((name) => name.trim())
  else if (word !== 'tcpwrappedms') return `unknown directive ${word.slice(0, 20)}`
  return null
}

function readPorts(text: string): number[] {
  const ports: number[] = []
  for (const [, first = '', last = first] of text.matchAll(/(\d{1,5})(?:-(\d{1,5}))?/g))
    for (let port = Number(first); port <= Math.min(Number(last), 65_535) && ports.length < PORTS_CAP; port++)
      ports.push(port)
  return ports
}

function readProbe(rest: string, state: State): string | null {
  const [, transport, name, delimiter = '|', body = ''] = /^(TCP|UDP)\s+(\S+)\s+q(.)(.*)$/s.exec(rest) ?? []
  const end = body.indexOf(delimiter)
  if (transport === undefined || name === undefined || end < 0) return 'not a Probe line'
  state.probes.push({
    transport: transport === 'TCP' ? 'tcp' : 'udp',
    name,
    payload: unescapeC(body.slice(0, end)),
    ports: [],
    sslPorts: [],
    rarity: 5,
    wait: null,
    fallback: [],
    matches: [],
  })
  return null
}

const CONTROL: Readonly<Record<string, number>> = { 0: 0, a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** C escapes: `\xHH`, `\0`, `\r`, `\\`. */
function unescapeC(text: string): Uint8Array {
  const bytes: number[] = []
  for (const [whole, hex, letter] of text.matchAll(/\\x([0-9a-fA-F]{2})|\\(.)|[^\\]/gs)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16))
    else bytes.push(letter === undefined ? whole.charCodeAt(0) & 255 : (CONTROL[letter] ?? letter.charCodeAt(0) & 255))
  }
  return Uint8Array.from(bytes)
}

function readMatch(rest: string, soft: boolean, probe: Draft, state: State): string | null {
  const [, service, delimiter = '', body = ''] = /^(\S+)\s+m(.)(.*)$/s.exec(rest) ?? []
  const end = body.indexOf(delimiter)
  if (service === undefined || end < 0) return 'not a match line'
  const [, flags = '', info = ''] = /^([is]*)(.*)$/s.exec(body.slice(end + 1)) ?? []
  const translated = translatePerl(body.slice(0, end), flags)
  if (!translated.ok) return translated.why
  probe.matches.push({ service, soft, pattern: translated.pattern, templates: readTemplates(info) })
  state.matches++
  return null
}

/** `p/.../ v|...| cpe:/a:b:c/a`: a field, a delimiter, text, the delimiter, and for cpe a flag. */
function readTemplates(text: string): [string, string][] {
  const templates: [string, string][] = []
  let rest = text.trim()
  while (rest !== '' && templates.length < 32) {
    const [, field, delimiter] = /^(p|v|i|h|o|d|cpe:)(.)/s.exec(rest) ?? []
    if (field === undefined || delimiter === undefined) break
    const start = field.length + 1
    const end = rest.indexOf(delimiter, start)
    if (end < 0) break
    templates.push([field.replace(':', ''), rest.slice(start, end)])
    rest = rest.slice(end + 1).replace(/^a?\s*/, '')
  }
  return templates
}
