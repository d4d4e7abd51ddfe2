/**
 * SSDP (UPnP Device Architecture 2.0 section 1.3.3), an HTTP response in a datagram:
 *
 *   reply  => "HTTP/1.1 200 OK" CRLF (header ":" value CRLF)* CRLF        SERVER, ST, USN, LOCATION
 *   SERVER  = OS "/" version " UPnP/" version " " product "/" version
 */
import { ssdp as question } from '#core/probe/udp/ssdp.ts'
import { latin1 } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { createMatcher, type Known } from '../fingerprint.ts'
import { UPNP_SERVERS } from '../fingerprints/upnp-servers.data.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { describeServer } from '../server-header.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const REPLY_CAP = 2048
const known = createMatcher(UPNP_SERVERS)
/** The system and the protocol, which the architecture asks to stand first. */
const PLATFORM = /^(?:.{0,80}? )?UPnP\/\d[.,]\d,? ?(?:DLNADOC\/[\d.]{1,8},? ?)?(?!\()(?=\S)/i
/** What names the kind of thing, not who made it. */
const ANYBODY =
  /^(?:IGD|Proc|System|Custom|Unspecified|Device|Router|Linux|POSIX|UPnP|Windows|Darwin|FreeBSD)?(?:\/|$)/i

export const ssdp: Protocol = { name: 'ssdp', transport: 'udp', ports: [1900], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const headers = parseSsdp(bytes)
  if (!headers) return null
  const server = headers.get('server') ?? ''
  const told = software(server)
  const os = operatingSystem(server)
  const facts = ['server', 'st', 'usn', 'location'].flatMap((key) =>
    headers.has(key) ? [[key, clean(headers.get(key)!)]] : [],
  )
  return service('upnp', {
    ...told,
    os: told.os ?? os?.name ?? /^(Linux|FreeBSD|Darwin|Windows)\b/i.exec(server)?.[1] ?? null,
    cpe: told.cpe ?? os?.cpe ?? [],
    device: told.device ?? deviceOf(headers),
    facts: Object.fromEntries(facts),
  })
}

/** What stands behind the platform names the product; where that is nobody's, what stands before the protocol. */
function software(server: string): Known {
  const listed = known(server)
  if (listed !== null) return listed
  const before = server.replace(/,? ?UPnP\/.*$/i, '')
  const behind = PLATFORM.test(server) ? server.replace(PLATFORM, '') : before
  for (const text of [behind, before]) if (!ANYBODY.test(text)) return describeServer(text)
  return {}
}

function deviceOf(headers: ReadonlyMap<string, string>): string | null {
  const kind = `${headers.get('st')} ${headers.get('usn')}`
  if (/InternetGatewayDevice|WANConnectionDevice|WFADevice/i.test(kind)) return 'router'
  if (/MediaRenderer|MediaServer|dial-multiscreen/i.test(kind)) return 'media-device'
  return /:Printer:/i.test(kind) ? 'printer' : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}

/** The headers by lower-case name. USN and ST are required, and make it this protocol rather than HTTP. */
export function parseSsdp(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const text = latin1(bytes.subarray(0, REPLY_CAP))
  if (!/^(?:HTTP\/1\.[01] 200|NOTIFY \* HTTP\/1\.[01]\r?\n)/i.test(text)) return null
  const headers = new Map<string, string>()
  for (const line of text.split('\n', 40).slice(1)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers.has('usn') && (headers.has('st') || headers.has('nt')) ? headers : null
}
