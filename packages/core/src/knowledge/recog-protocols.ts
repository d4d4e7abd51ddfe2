/** A user's Recog databases as protocol modules: each knows where in an answer the text it is about stands. */
import { cpe } from '#core/detect/cpe.ts'
import type { Protocol, Service } from '#core/detect/protocol.ts'
import { service } from '#core/detect/service.ts'
import { cleanOrNull } from '#core/detect/text.ts'
import type { Transport } from '#core/target/probe-space.ts'
import { latin1 } from '#core/wire/reader.ts'
import { matchRecog, type RecogDatabase } from './recog.ts'

interface TextPlace {
  readonly service: string
  readonly transport: Transport
  /** Captures the text in an answer read as Latin-1. */
  readonly text: RegExp
}

const HTTP = /^HTTP\/\d\.\d \d{3}/.source
const header = (name: string) =>
  new RegExp(`${HTTP}(?:[^\\n]*\\n)(?:[^\\n]+\\n){0,100}?${name}: *([^\\r\\n]{1,2000})`, 'i')

/** Where each kind of text stands. Kinds that are not listed cannot be told from the bytes of an answer alone. */
const PLACES: Readonly<Record<string, TextPlace>> = {
  'ssh.banner': { service: 'ssh', transport: 'tcp', text: /^SSH-\d\.\d+-([^\r\n]{1,255})/m },
  'ftp.banner': { service: 'ftp', transport: 'tcp', text: /^220[ -]([^\r\n]{1,1000})/ },
  'smtp.banner': { service: 'smtp', transport: 'tcp', text: /^220[ -]([^\r\n]{1,1000})/ },
  'pop3.banner': { service: 'pop3', transport: 'tcp', text: /^\+OK ([^\r\n]{1,1000})/ },
  'imap4.banner': { service: 'imap', transport: 'tcp', text: /^\* (?:OK|PREAUTH) ([^\r\n]{1,1000})/ },
  'nntp.banner': { service: 'nntp', transport: 'tcp', text: /^20[01] ([^\r\n]{1,1000})/ },
  'http_header.server': { service: 'http', transport: 'tcp', text: header('Server') },
  'http_header.wwwauth': { service: 'http', transport: 'tcp', text: header('WWW-Authenticate') },
  'http_header.cookie': { service: 'http', transport: 'tcp', text: header('Set-Cookie') },
  html_title: { service: 'http', transport: 'tcp', text: /<title>\s*([^<]{1,300}?)\s*<\/title>/i },
  'sip_header.server': {
    service: 'sip',
    transport: 'udp',
    text: /^SIP\/2\.0 [^\n]*\n(?:[^\n]+\n){0,60}?Server: *([^\r\n]{1,500})/i,
  },
  'sip_header.user_agent': {
    service: 'sip',
    transport: 'udp',
    text: /^SIP\/2\.0 [^\n]*\n(?:[^\n]+\n){0,60}?User-Agent: *([^\r\n]{1,500})/i,
  },
  'telnet.banner': { service: 'telnet', transport: 'tcp', text: /^\s*(\S[\s\S]{1,2000})/ },
}

/** A pattern of a user's says less than a protocol's own proof. */
const CONFIDENCE = 0.8
/** Headers and titles beyond this are not looked for. */
const LOOKED_AT = 16_384

/** Databases about a kind of text we cannot find in an answer are left out; `unused` names them. */
export function recogProtocols(databases: readonly RecogDatabase[]): { protocols: Protocol[]; unused: string[] } {
  const usable = [...databases].sort((a, b) => b.preference - a.preference)
  return {
    protocols: usable.flatMap((database) => {
      const place = PLACES[database.matches]
      return place === undefined ? [] : [asProtocol(database, place)]
    }),
    unused: usable.map((database) => database.matches).filter((matches) => PLACES[matches] === undefined),
  }
}

function asProtocol(database: RecogDatabase, place: TextPlace): Protocol {
  return {
    name: `recog:${database.matches}`,
    transport: place.transport,
    ports: [],
    opens: 'server',
    brought: true,
    recognise(bytes) {
      const text = place.text.exec(latin1(bytes.subarray(0, LOOKED_AT)))?.[1]
      const found = text === undefined ? null : matchRecog(database, text)
      return found === null ? null : told(place.service, found)
    },
  }
}

function told(name: string, found: ReadonlyMap<string, string>): Service {
  const field = (...keys: readonly string[]) =>
    cleanOrNull(keys.map((key) => found.get(key)).find((text) => text !== undefined))
  const cpes = ['service.cpe23', 'os.cpe23', 'hw.cpe23'].flatMap((key) => found.get(key) ?? [])
  return service(name, {
    product: field('service.product', 'service.family', 'hw.product', 'os.product'),
    vendor: field('service.vendor', 'hw.vendor', 'os.vendor'),
    version: field('service.version', 'hw.version'),
    os: field('os.product', 'os.family'),
    device: field('hw.device', 'os.device'),
    hostname: field('host.name'),
    cpe: cpes.flatMap(completed),
    confidence: CONFIDENCE,
  })
}

/** `cpe:/a:vendor:product:version` or `cpe:2.3:...` as CPE 2.3; `-` where a reference had nothing to give is "any". */
function completed(text: string): string[] {
  const [part, vendor, ...rest] = text.replace(/^cpe:(?:2\.3:|\/)/, '').split(':')
  if ((part !== 'a' && part !== 'o' && part !== 'h') || vendor === undefined) return []
  return [cpe(part, vendor, ...rest.slice(0, 3).map((value) => (value === '-' ? null : value)))]
}
