/**
 * Multicast DNS asked directly (RFC 6762 section 5.5), service discovery (RFC 6763 section 9):
 *
 *   question => "_services._dns-sd._udp.local" PTR, answered with the kinds of service on offer
 *   question => the address backwards, PTR, answered with the name of the host
 */
import { mdns as question } from '#core/probe/udp/mdns.ts'
import { DNS_CLASS, DNS_TYPE, type DnsMessage, dnsQuery, dnsStrings, parseDns } from '#core/wire/dns.ts'
import { ask, attempt } from '../ask.ts'
import { describeDevice } from '../describe-device.ts'
import { createMatcher, type Known } from '../fingerprint.ts'
import { MDNS_DEVICES } from '../fingerprints/mdns-devices.data.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

const SERVICES_CAP = 40
/** Descriptions looked at. */
const TEXTS_CAP = 64
const known = createMatcher(MDNS_DEVICES, 256)
/** Where a device names its model, the plainest first. */
const MODEL_KEYS = /^(?:ty|model|md|usb_MDL|am|product|displayModel)=/
/** Kinds of service that give the device away (IANA service names). */
const DEVICES: readonly (readonly [kind: RegExp, device: string])[] = [
  [/_(?:ipp|ipps|printer|pdl-datastream)\._tcp/, 'printer'],
  [/_(?:googlecast|androidtvremote2?|roku)\._tcp/, 'media-device'],
  [/_(?:hap|homekit)\._tcp/, 'home-automation'],
  [/_(?:airplay|raop)\._tcp/, 'media-device'],
  [/_(?:axis-video|rtsp)\._tcp/, 'camera'],
]

export const mdns: Protocol = { name: 'mdns', transport: 'udp', ports: [5353], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const message = parseMdns(bytes)
  return message && describe(message, null)
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const message = reply && parseMdns(reply)
  if (!message) return null
  const backwards = session.address.includes(':') ? null : session.address.split('.').reverse().join('.')
  const host = backwards && (await attempt(() => hostOf(session, `${backwards}.in-addr.arpa`)))
  return describe(message, host)
}

async function hostOf(session: Session, name: string): Promise<string | null> {
  const id = (session.token + 1) & 0xffff
  await session.write(dnsQuery(id, { name, type: DNS_TYPE.ptr, class: DNS_CLASS.in }))
  const message = parseDns(await session.read())
  const answers = message?.id === id ? message.answers : []
  return answers.find((answer) => answer.type === DNS_TYPE.ptr)?.target ?? null
}

function describe(message: DnsMessage, host: string | null): Service {
  const records = [...message.answers, ...message.additional]
  const kinds = [
    ...new Set(
      records.flatMap((r) => (r.name === SERVICES && r.target ? [clean(r.target.replace(/\.local$/, ''))] : [])),
    ),
  ]
  const named = host ?? records.find((r) => r.type === DNS_TYPE.a || r.type === DNS_TYPE.aaaa)?.name ?? null
  const device = DEVICES.find(([kind]) => kinds.some((offered) => kind.test(offered)))?.[1] ?? null
  const texts = records.flatMap((r) => (r.type === DNS_TYPE.txt ? dnsStrings(r.data) : [])).slice(0, TEXTS_CAP)
  const told = deviceOf(texts.map((text) => clean(text, 256)))
  return service('mdns', {
    ...told,
    device: told.device ?? device,
    hostname: cleanOrNull(named),
    facts: { services: kinds.slice(0, SERVICES_CAP) },
  })
}

/** What the descriptions of the services say of the device that offers them. */
function deviceOf(texts: readonly string[]): Known {
  const models = texts.filter((text) => MODEL_KEYS.test(text))
  const listed = models.map((text) => known(text)).find((told) => told !== null)
  if (listed) return listed
  const maker = texts.map((text) => /^(?:vendor|usb_MFG|manufacturer)=(.{2,40})$/.exec(text)?.[1]).find(Boolean)
  for (const text of models) {
    const said = text.replace(MODEL_KEYS, '').replace(/^\((.*)\)$/, '$1')
    const read = describeDevice(said)
    if (read !== null || maker) return { product: said, ...read, ...(maker ? { vendor: maker } : {}) }
  }
  return {}
}

const SERVICES = '_services._dns-sd._udp.local'

/** A response about names under `.local`, which no other resolver speaks of. */
function parseMdns(bytes: Uint8Array): DnsMessage | null {
  const message = parseDns(bytes)
  if (!message?.response || message.opcode !== 0 || message.rcode !== 0 || message.answers.length === 0) return null
  const local = message.answers.some((answer) => /\.local$/i.test(answer.name) || /\.local$/i.test(answer.target ?? ''))
  return local && message.trailing === 0 ? message : null
}
