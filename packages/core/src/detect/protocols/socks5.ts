/**
 * SOCKS 5, method selection (RFC 1928 section 3):
 *
 *   request  => 5 nmethods methods          0 none, 2 user name and password
 *   response => 5 method                    255: none of these
 *
 * Two bytes prove little, so a second question in the same connection must be answered in kind too: a CONNECT to port 0
 * of 0.0.0.0, which no proxy can carry out, is answered 5 error 0 type address port (section 6). A third, in HTTP and
 * in a connection of its own, has Tor give its name.
 */
import { latin1 } from '#core/wire/reader.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const socks5: Protocol = {
  name: 'socks5',
  transport: 'tcp',
  ports: [1080, 1081, 9050, 9150],
  opens: 'client',
  recognise,
  identify,
}

const METHODS: Readonly<Record<number, string>> = {
  0: 'no authentication',
  1: 'GSSAPI',
  2: 'user name and password',
  255: 'no acceptable method',
}

const TOR = 'HTTP/1.0 501 Tor is not an HTTP Proxy'

function recognise(bytes: Uint8Array): Service | null {
  // What Tor says to a browser that took its SOCKS port for a web proxy.
  if (latin1(bytes.subarray(0, 200)).startsWith(TOR))
    return service('socks5', {
      product: 'Tor',
      vendor: 'Tor Project',
      cpe: ['cpe:2.3:a:torproject:tor:*:*:*:*:*:*:*:*'],
    })
  const [version, method, ...more] = bytes.length > 2 ? [] : bytes
  if (version !== 5 || method === undefined || more.length > 0 || METHODS[method] === undefined) return null
  return service('socks5', { info: METHODS[method] ?? null, confidence: 0.8, facts: { method } })
}

const IMPOSSIBLE = Uint8Array.of(5, 1, 0, 1, 0, 0, 0, 0, 0, 0)

async function identify(session: Session): Promise<Service | null> {
  await session.write(Uint8Array.of(5, 2, 0, 2))
  const known = recognise(await session.read(2))
  if (known === null || known.facts.method === undefined) return known
  const proven = known.facts.method === 0 && (await refuses(session))
  const { info, facts } = known
  return { ...known, ...(proven ? { confidence: 1 } : {}), ...(await inClear(session)), info, facts }
}

async function refuses(session: Session): Promise<boolean> {
  const refusal = await attempt(async () => {
    await session.write(IMPOSSIBLE)
    return session.read(2)
  })
  return refusal !== null && refusal[0] === 5 && (refusal[1] ?? 0) > 0 && (refusal[1] ?? 9) <= 8
}

/** Who it is: the protocol has no word for that, but what a proxy tells a lost browser may. */
async function inClear(session: Session): Promise<Service | null> {
  const answer = await attempt(async () => {
    await session.reopen()
    await session.write(Buffer.from('GET / HTTP/1.0\r\n\r\n'))
    return session.readUntil((soFar) => soFar.length >= TOR.length)
  })
  const named = answer && recognise(answer)
  return named?.product ? named : null
}
