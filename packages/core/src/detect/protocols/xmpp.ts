/**
 * XMPP streams (RFC 6120 section 4.2). Whatever is wrong with our header, the server first opens its own stream:
 *
 *   stream => ["<?xml" ... "?>"] "<stream:stream" attributes ">" [features / error]
 *
 * `jabber:client` and `jabber:server` tell what the port is for; the product shows in the stream id, the namespaces of
 * the features, or the shape of the header.
 */

import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const xmpp: Protocol = {
  name: 'xmpp',
  transport: 'tcp',
  ports: [5222, 5223, 5269, 5270, 5280],
  opens: 'client',
  recognise,
  identify,
}

/** Whom we ask for where no name is known. */
const NAMELESS = 'localhost'
/** The header and the features are a few hundred bytes; whatever is behind 16 KiB is no news. */
const LOOKED_AT = 16_384

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, LOOKED_AT))
  const stream = /^\s*(?:<\?xml[^>]{0,100}\?>\s*)?<stream:stream([^>]{0,2000})>/.exec(text)
  if (stream === null || !text.includes('http://etherx.jabber.org/streams')) return null
  const attributes = stream[1] ?? ''
  const from = /\bfrom=['"]([^'"]{1,255})['"]/.exec(attributes)?.[1] ?? null
  // A server that refuses us says back the name we made up.
  const host = from === NAMELESS && text.includes('<stream:error') ? null : from
  const server = /xmlns=['"]jabber:server['"]/.test(attributes)
  return service(server ? 'xmpp-server' : 'xmpp-client', {
    product: productOf(text, attributes),
    hostname: host === null ? null : clean(host),
    info: /<starttls/.test(text) ? 'STARTTLS offered' : null,
    facts: {
      mechanisms: [...text.matchAll(/<mechanism>([\w-]{1,40})<\/mechanism>/g)].slice(0, 20).map((m) => m[1] ?? ''),
    },
  })
}

/** What distinguishes the servers we have seen: id formats, namespaces, attribute order. */
function productOf(text: string, attributes: string): string | null {
  const id = /\bid=['"]([^'"]{0,200})['"]/.exec(attributes)?.[1] ?? ''
  if (/process-one\.net|ejabberd/i.test(text) || /^\d{15,20}$/.test(id)) return 'ejabberd'
  if (/prosody\.im|prosody/i.test(text)) return 'Prosody'
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id)) return 'Prosody'
  if (/tigase/i.test(text)) return 'Tigase XMPP Server'
  if (/igniterealtime|openfire/i.test(text)) return 'Openfire'
  if (/mongooseim/i.test(text)) return 'MongooseIM'
  if (/cisco/i.test(text)) return 'Cisco XMPP server'
  return null
}

async function identify(session: Session): Promise<Service | null> {
  const first = await open(session, session.hostname ?? NAMELESS)
  const found = recognise(first)
  // Some answer a wrong name with the right one, and show their features only to those who use it.
  if (!found?.hostname || found.hostname === session.hostname || !latin1(first).includes('<host-unknown')) return found
  await session.reopen()
  return recognise(await open(session, found.hostname)) ?? found
}

/** What the server says to a stream that asks for `domain`. */
async function open(session: Session, domain: string): Promise<Uint8Array> {
  const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='${domain.replace(/[^\w.:@-]/g, '')}'>`
  await session.write(Buffer.from(header))
  return session.readUntil((soFar) => /<\/stream:(?:features|error|stream)>/.test(latin1(soFar)))
}
