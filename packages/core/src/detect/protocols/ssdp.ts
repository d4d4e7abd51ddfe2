/**
 * SSDP (UPnP Device Architecture 2.0 section 1.3.3), an HTTP response in a datagram:
 *
 *   reply  => "HTTP/1.1 200 OK" CRLF (header ":" value CRLF)* CRLF        SERVER, ST, USN, LOCATION
 *   SERVER  = OS "/" version " UPnP/" version " " product "/" version
 */
import { ssdp as question } from '#core/probe/udp/ssdp.ts'
import { latin1 } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { cpe } from '../cpe.ts'
import { operatingSystem } from '../operating-system.ts'
import { type ProductToken, productList } from '../product-list.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const REPLY_CAP = 2048
/** Tokens of SERVER that are the platform, not the product. */
const PLATFORM =
  /^(?:UPnP|DLNADOC|Linux|Debian|Ubuntu|Windows|Microsoft-Windows|Darwin|FreeBSD|Unspecified|POSIX|OpenWRT|SmartOS|Tizen)$/i

const CPES: Readonly<Record<string, readonly [string, string]>> = {
  miniupnpd: ['miniupnp_project', 'miniupnpd'],
  minidlna: ['readymedia_project', 'readymedia'],
}

export const ssdp: Protocol = { name: 'ssdp', transport: 'udp', ports: [1900], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const headers = parseSsdp(bytes)
  if (!headers) return null
  const server = headers.get('server') ?? ''
  const product = productOf(productList(server))
  const name = CPES[product?.name.toLowerCase() ?? '']
  const os = operatingSystem(server)
  const facts = ['server', 'st', 'usn', 'location'].flatMap((key) =>
    headers.has(key) ? [[key, clean(headers.get(key)!)]] : [],
  )
  return service('upnp', {
    product: product?.name ?? null,
    version: product?.version ?? null,
    os: os?.name ?? /^(Linux|FreeBSD|Darwin|Windows)\b/i.exec(server)?.[1] ?? null,
    cpe: [...(name ? [cpe('a', ...name, product?.version)] : []), ...(os?.cpe ?? [])],
    device: deviceOf(headers),
    facts: Object.fromEntries(facts),
  })
}

/** The last token names the product; what stands before it names the system. */
function productOf(tokens: readonly ProductToken[]): ProductToken | null {
  return tokens.filter((token) => !PLATFORM.test(token.name)).at(-1) ?? null
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
