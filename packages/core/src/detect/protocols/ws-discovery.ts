/**
 * WS-Discovery over UDP (OASIS WS-Discovery 1.1, and the draft of April 2005 that devices speak): SOAP in a datagram.
 *
 *   probe => Envelope/Body/ProbeMatches/ProbeMatch { EndpointReference, Types, Scopes, XAddrs, MetadataVersion }
 *
 * ONVIF cameras put name and hardware into scopes (ONVIF core specification section 7.3.2.2).
 */
import { wsDiscovery as question } from '#core/probe/udp/ws-discovery.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull, decode } from '../text.ts'

const MESSAGE_CAP = 16_384
/** Computers are Windows or what stands in for it beside Samba; of these, one tells more at the same port, over TCP. */
const WSDD2 = /^http:\/\/[^/\s]{1,80}:3702\//

export const wsDiscovery: Protocol = {
  name: 'ws-discovery',
  transport: 'udp',
  ports: [3702],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = decode(bytes.subarray(0, MESSAGE_CAP))
  if (!/<(?:[\w-]{1,20}:)?Envelope[\s>]/.test(text) || !/ws-?dd|ws\/2005\/04\/discovery/.test(text)) return null
  const [types, scopes, addresses] = ['Types', 'Scopes', 'XAddrs'].map((name) => contentOf(text, name))
  if (types === null && !/<(?:[\w-]{1,20}:)?(?:ProbeMatches|Hello|Bye)[\s/>]/.test(text)) return null
  const scope = (name: string) =>
    cleanOrNull(decodeScope(new RegExp(`onvif://www\\.onvif\\.org/${name}/(\\S{1,100})`).exec(scopes ?? '')?.[1]))
  const camera = /NetworkVideoTransmitter|NetworkVideoDisplay/.test(types ?? '')
  const [name, hardware] = [scope('name'), scope('hardware')]
  const product = name && hardware && !name.includes(hardware) ? `${name} ${hardware}` : (name ?? hardware)
  return service('ws-discovery', {
    product: product ?? (/pub:Computer/.test(types ?? '') && WSDD2.test(addresses ?? '') ? 'wsdd2' : null),
    device: camera ? 'camera' : /[Pp]rint/.test(types ?? '') ? 'printer' : null,
    info: types ?? null,
    facts: { ...(types ? { types } : {}), ...(addresses ? { addresses } : {}), ...(scopes ? { scopes } : {}) },
  })
}

/** The text of the first element of that local name. */
function contentOf(text: string, name: string): string | null {
  const found = new RegExp(`<(?:[\\w-]{1,20}:)?${name}(?: [^<>]{0,300})?>([^<]{0,2000})<`).exec(text)?.[1]
  return found === undefined ? null : clean(found, 500) || null
}

function decodeScope(text: string | undefined): string | null {
  if (text === undefined) return null
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
