/**
 * Telnet (RFC 854; options, RFC 855): commands mixed into the text.
 *
 *   command => 255 (241..249) / 255 (251..254) option / 255 250 option ... 255 240
 *
 * A server opens with option negotiation, a banner, or a login prompt. All options are refused, so that the banner and
 * the prompt come: WILL is answered DONT, DO is answered WONT (RFC 1143 has why that ends).
 */
import { latin1 } from '#core/wire/reader.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import { describeDevice } from '../describe-device.ts'
import { createMatcher, type Known } from '../fingerprint.ts'
import { TELNET_BANNERS, TELNET_CONSOLES } from '../fingerprints/telnet-banners.data.ts'
import { isName } from '../greeting-subject.ts'
import { nameAndVersion } from '../name-version.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const telnet: Protocol = {
  name: 'telnet',
  transport: 'tcp',
  ports: [23, 2323, 992, 107, 2001, 2601, 2602, 2605],
  opens: 'server',
  recognise,
  identify,
}

const IAC = 255
const SB = 250
const SE = 240
const WILL = 251
const DO = 253
/** Rounds of negotiation before we stop listening. */
const ROUNDS_CAP = 4

const BUSYBOX = { product: 'BusyBox telnetd', cpe: [cpe('a', 'busybox', 'busybox')] } as const
/** Options in the order that one implementation alone asks for them, as it opens. */
const OPENINGS: readonly { readonly hex: string; readonly known: Partial<Service> }[] = [
  // networking/telnetd.c of BusyBox, with and without flow control
  { hex: 'fffd01fffd1ffffb01fffb03', known: BUSYBOX },
  { hex: 'fffd01fffd1ffffd21fffb01fffb03', known: BUSYBOX },
  // with authentication and encryption, which the others left out
  {
    hex: 'fffb25fffb26fffd18fffd20fffd23fffd27fffd24',
    known: { product: 'GNU Inetutils telnetd', vendor: 'GNU', cpe: [cpe('a', 'gnu', 'inetutils')] },
  },
  {
    hex: 'fffd25fffb01fffb03fffd27fffd1ffffd00fffb00',
    known: { product: 'Microsoft Windows telnetd', vendor: 'Microsoft', os: 'Windows' },
  },
]
/** Says no more than that a login of some Linux follows. */
const ANY_LINUX = 'Linux telnetd'

const BINARY = /[\x01-\x06\x0e-\x1a]|(?<!\r)\0/g
const known = createMatcher(TELNET_BANNERS)
const matchConsole = createMatcher(TELNET_CONSOLES)
const PROMPT =
  /(?:^|[\r\n ])(?:[\w.-]{0,40} ?login(?: ?(?:user)?name)?|(?:enter )?user ?name|user(?: ?id)?|account(?: name)?|first name|password|passcode|logon|enter your name)[ \t]{0,3}[:>][ \t]{0,3}$/i

function recognise(bytes: Uint8Array): Service | null {
  const { text, commands } = split(bytes)
  // 255 is a common byte: between the commands of a binary protocol stands no text.
  if ((text.match(BINARY)?.length ?? 0) > 2 + text.length / 20) return null
  if (commands > 0 && bytes[0] !== IAC && !isText(text)) return null
  // What does not begin with negotiation may be another protocol's greeting with a word of ours in it, or a page in
  // UTF-16, whose byte order mark reads as a command.
  if (bytes[0] !== IAC && /^(?:\d{3}[ -]|[+*] ?OK|(?:HTTP|RTSP|SIP)\/|SSH-|RFB )/.test(text)) return null
  const alone = matchConsole(text.slice(0, 2000))
  const prompt = PROMPT.test(text.slice(-200))
  if (commands === 0 && !prompt && alone === null) return null
  const banner = clean(text) === '' ? null : (alone ?? known(text.trim().slice(0, 2000)) ?? model(text))
  const told = byOpening(bytes, withModel(banner, text))
  const os = operatingSystem(text)?.name ?? null
  return service('telnet', {
    os,
    ...told,
    confidence: commands > 0 ? 1 : told === null ? 0.7 : 0.85,
    facts: { banner: clean(text) },
  })
}

/** Where laws and owners speak, no device does. */
const NOTICE =
  /\b(?:un)?authori[sz]ed|prohibit|warning|monitor(?:ed|ing)|property of|notice|protected|\busers\b|\bcopyright|all rights/i
const ADDRESSES = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/i

/** Up to five words that a name may be made of. */
const PROPER =
  /^(?!(?:Room|Floor|Building|Level|Policy|Version)\b)[A-Z][\w.!/-]{1,20}(?: (?:for|of|[A-Z\d][\w.!/-]{0,20})){0,4}$/

/**
 * A device that shows its model, or a program its name and version, before it asks for a name: `F660`, `RT-N16 login:`,
 * `Mystic BBS v1.12`. What stands in the line of the prompt may be the host's name, and needs a number.
 */
function model(text: string): Known | null {
  const lines = text.split(/[\r\n]+/, 8).filter((line) => line.trim() !== '' && line.length < 80)
  for (const [i, said] of lines.entries()) {
    const line = said.replace(/\b(?:login|user ?name|password|user|console) ?: ?$/i, '')
    if (NOTICE.test(line) || ADDRESSES.test(line)) continue
    const read = describeDevice(line)
    if (read?.vendor && (/\d/.test(read.product ?? '') || i < lines.length - 1)) return read
    const { name, version } = nameAndVersion(clean(line).replace(/^(?:welcome to|this is) (?:the )?/i, ''))
    if (i < lines.length - 1 && version?.includes('.') && isName(name) && PROPER.test(name))
      return { product: name, version }
  }
  return null
}

/** Of a maker nothing but the name is known: the model stands there too, maybe. */
function withModel(banner: Known | null, text: string): Known | null {
  if (banner === null || banner.version || banner.product !== `${banner.vendor} telnetd`) return banner
  const read = model(text)
  return read?.vendor === banner.vendor ? { ...banner, product: read?.product ?? null } : banner
}

/** What the banner tells, unless that is little and the options tell more. */
function byOpening(bytes: Uint8Array, banner: Partial<Service> | null): Partial<Service> | null {
  if (banner !== null && banner.product !== ANY_LINUX) return banner
  const begin = Buffer.from(bytes.subarray(0, 24)).toString('hex')
  const opening = OPENINGS.find(({ hex }) => begin.startsWith(hex))
  return opening === undefined ? banner : { ...banner, ...opening.known }
}

/** Random bytes hold commands by chance; where none opens the conversation, most of the rest must be ASCII. */
const isText = (text: string): boolean => (text.match(/[\x80-\xff]/g)?.length ?? 0) <= text.length * 0.3

/** The text without the commands, and how many well-formed commands there were; 0 when one was malformed at the start. */
export function split(bytes: Uint8Array): { text: string; commands: number; asked: [number, number][] } {
  const text: number[] = []
  const asked: [number, number][] = []
  let commands = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte !== IAC) {
      text.push(byte)
      continue
    }
    const [verb = 0, option = 0] = [bytes[i + 1], bytes[i + 2]]
    if (verb >= WILL && verb < IAC && i + 2 < bytes.length && option < 64) {
      asked.push([verb, option])
      i += 2
    } else if (verb === SB) {
      const end = bytes.indexOf(SE, i + 2)
      if (end < 0 || bytes[end - 1] !== IAC) break
      i = end
    } else if (verb > SE && verb < SB) i++
    else return { text: latin1(bytes), commands: 0, asked: [] }
    commands++
  }
  return { text: latin1(Uint8Array.from(text)), commands, asked }
}

/** DONT for every WILL, WONT for every DO. */
export function refusals(asked: readonly (readonly [number, number])[]): Uint8Array {
  return Uint8Array.from(
    asked.flatMap(([verb, option]) => (verb === WILL ? [IAC, 254, option] : verb === DO ? [IAC, 252, option] : [])),
  )
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  if (recognise(greeting) === null) return null
  let all = greeting
  let answered = 0
  for (let round = 0; round < ROUNDS_CAP && !PROMPT.test(split(all).text.slice(-200)); round++) {
    const { asked } = split(all)
    const answer = refusals(asked.slice(answered))
    answered = asked.length
    const more = await attempt(async () => {
      if (answer.length > 0) await session.write(answer)
      return session.readUntil((soFar) => split(soFar).commands > 0 || PROMPT.test(latin1(soFar.subarray(-200))))
    })
    if (more === null || more.length === 0) break
    all = Buffer.concat([all, more])
  }
  return recognise(all)
}
