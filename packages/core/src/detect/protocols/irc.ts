/**
 * IRC, client registration (RFC 2812 section 3.1) and its replies (section 5.1):
 *
 *   message => [":" prefix SP] command *(SP param) CRLF
 *   002     => "Your host is " server ", running version " version
 *   PING    => asked by some servers before they go on, and answered here with its own text
 *
 * Server-first too: many send `NOTICE AUTH :*** Looking up your hostname` unasked.
 */

import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, lines } from '../text.ts'

export const irc: Protocol = {
  name: 'irc',
  transport: 'tcp',
  ports: [6667, 6666, 6668, 6669, 6697, 7000, 194],
  opens: 'client',
  recognise,
  identify,
}

const UNASKED =
  /^(?:(?::\S+ )?NOTICE (?:AUTH|\*|\S+) :|:\S+ (?:00[1-5]|4[35]\d|46[45]) |(?:00[1-5]|4[35]\d|46[45]) (?:\S+ ){1,2}:|ERROR :|(?::\S+ )?PING :|(?::\S+ )?CAP \* )/

const PRODUCTS: readonly (readonly [RegExp, string, string])[] = [
  [/^ngircd-?([\w.~]+)/i, 'ngIRCd', 'ngircd'],
  [/^unreal(?:ircd)?-?([\w.]+)/i, 'UnrealIRCd', 'unrealircd'],
  [/^inspircd-?([\w.]+)/i, 'InspIRCd', 'inspircd'],
  [/^bahamut-?([\w.()]+)/i, 'Bahamut', 'bahamut'],
  [/^hybrid-?([\w.]+)|^ircd-hybrid-?([\w.]+)/i, 'ircd-hybrid', 'ircd-hybrid'],
  [/^charybdis-?([\w.]+)/i, 'Charybdis', 'charybdis_project'],
  [/^solanum-?([\w.]+)/i, 'Solanum', 'solanum'],
  [/^u([\d.]+)/, 'ircu', 'undernet'],
  [/^(2\.\d+\.\d+[\w.]*)/, 'IRCnet ircd', 'irc.org'],
  [/^ergo-?v?([\w.]+)|^oragono-?v?([\w.]+)/i, 'Ergo', 'ergo'],
  [/^miniircd-?([\w.]+)/i, 'miniircd', 'miniircd'],
]

function recognise(bytes: Uint8Array): Service | null {
  const all = lines(bytes, 60)
  if (!UNASKED.test(all[0] ?? '')) return null
  const text = all.join('\n')
  const [, version] = /running version ([^\s,]+)/.exec(text) ?? /^:\S+ 004 \S+ \S+ (\S+)/m.exec(text) ?? []
  const server = /^:(\S+) (?:\d{3}|NOTICE|CAP) /m.exec(text)?.[1] ?? null
  const hostname = server?.includes('.') && !server.includes('!') ? clean(server) : null
  const znc = /ZNC(?: ([\d.]+\d))?/.exec(text)
  if (znc)
    return service('irc', {
      product: 'ZNC',
      vendor: 'ZNC',
      version: znc[1] ?? null,
      cpe: [cpe('a', 'znc', 'znc', znc[1])],
      facts: {},
    })
  const bitlbee = /BitlBee-IRCd/.test(text)
  if (bitlbee) {
    const told = /^BitlBee-(\d[\w.]*)/i.exec(version ?? '')?.[1] ?? /^(\d[\w.]*)/.exec(version ?? '')?.[1] ?? null
    return service('irc', {
      product: 'BitlBee',
      vendor: 'BitlBee',
      version: told,
      cpe: [cpe('a', 'bitlbee', 'bitlbee', told)],
    })
  }
  // An ERROR line alone, or a lone PING, could be somebody else's.
  if (version === undefined) return service('irc', { hostname, confidence: /^(?:ERROR|PING)/.test(text) ? 0.6 : 0.95 })
  return service('irc', { ...named(version), hostname, facts: { software: clean(version) } })
}

function named(software: string): Partial<Service> {
  for (const [pattern, product, vendor] of PRODUCTS) {
    const found = pattern.exec(software)
    if (found === null) continue
    const version = found[1] ?? found[2] ?? null
    return { product, vendor, version, cpe: [cpe('a', vendor, product, version)] }
  }
  const [, name, version] = /^([A-Za-z][\w-]*?)[-/ ]v?(\d[\w.]*)/.exec(software) ?? []
  return name === undefined
    ? { info: clean(software) }
    : { product: clean(name), version: clean(version ?? '') || null }
}

const REGISTERED = /^(?::\S+ )?(?:004|376|422|43[0-9]|46[2-5]|ERROR) ?/m

async function identify(session: Session): Promise<Service | null> {
  const nick = `ptl${session.token.toString(36).slice(0, 6)}`
  await session.write(Buffer.from(`NICK ${nick}\r\nUSER portolan 0 * :portolan\r\n`))
  const answered = (soFar: Uint8Array) => REGISTERED.test(latin1(soFar)) || /^PING /m.test(latin1(soFar))
  const first = await session.readUntil(answered)
  const ping = /^PING (:?\S+)/m.exec(latin1(first))
  if (ping === null || REGISTERED.test(latin1(first))) return recognise(first)
  await session.write(Buffer.from(`PONG ${ping[1]}\r\n`))
  return (
    recognise(Buffer.concat([first, await session.readUntil((soFar) => REGISTERED.test(latin1(soFar)))])) ??
    recognise(first)
  )
}
