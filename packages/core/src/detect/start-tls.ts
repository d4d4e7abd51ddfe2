/**
 * TLS that a server offers on request: once it is known what it is, a connection of its own asks for the upgrade, for
 * the certificate's sake. It comes last and may fail: what was identified stays identified.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { dialTcp, type Endpoint } from './endpoint.ts'
import { LIKELY } from './plan.ts'
import { Mishap, type Service, type Session, type TlsFacts } from './protocol.ts'
import type { TcpSession } from './session.ts'
import { TEXT_UPGRADES, type TextUpgrade } from './start-tls.data.ts'
import { tdsTls } from './start-tls-tds.ts'
import { inVnc } from './start-tls-vnc.ts'
import { TLS_PROFILES } from './tls.ts'

/** More text than this is no greeting. */
const LOOKED_AT = 16_384

/** True when the server said yes and waits for the handshake. `name`: what we call ourselves, or the server. */
type Upgrade = (session: Session, name: string) => Promise<boolean>

const UPGRADES: Readonly<Record<string, Upgrade>> = {
  ...Object.fromEntries(
    Object.entries(TEXT_UPGRADES).map(([name, how]) => [name, (s: Session, as: string) => inText(s, how, as)]),
  ),
  mysql: inMysql,
  vnc: inVnc,
}

/** TLS inside the protocol, where there is no stream to hand to the library. */
const BY_HAND: Readonly<Record<string, (session: Session) => Promise<TlsFacts | null>>> = { 'ms-sql-s': tdsTls }

/** The service with the facts of its TLS, when it grants any. */
export async function withStartTls(endpoint: Endpoint, service: Service): Promise<Service> {
  if (service.confidence < LIKELY || service.facts.startTls !== undefined) return service
  const [upgrade, byHand] = [UPGRADES[service.name], BY_HAND[service.name]]
  const facts = upgrade
    ? await byLibrary(endpoint, upgrade, namesFor(endpoint, service))
    : byHand
      ? await talk(endpoint, async (session) => byHand(session))
      : null
  // because JSON has no undefined, and facts are nothing but text, numbers and lists of them
  return facts ? { ...service, facts: { ...service.facts, startTls: JSON.parse(JSON.stringify(facts)) } } : service
}

/**
 * The names to try. An XMPP server shows its features only to those who ask for a domain it serves (RFC 6120 section
 * 4.9.3.6): where none is known, the one it called itself, the one fresh installations serve, its address.
 */
function namesFor({ target, client }: Endpoint, service: Service): readonly string[] {
  if (target.hostname) return [target.hostname]
  if (!service.name.startsWith('xmpp-')) return [`${client.name.toLowerCase()}.invalid`]
  return [...new Set([service.hostname ?? 'localhost', 'localhost', target.address])]
}

/** Older and older manners are tried, as for TLS itself, with the first name that is granted TLS. */
async function byLibrary(endpoint: Endpoint, upgrade: Upgrade, names: readonly string[]): Promise<TlsFacts | null> {
  const enough = performance.now() + endpoint.limits.talk
  for (const name of names)
    for (const profile of TLS_PROFILES) {
      let granted = false
      const facts = await talk(endpoint, async (session) => {
        granted = await upgrade(session, name)
        if (granted) await session.startTls(profile)
        return session.tlsFacts
      })
      if (facts !== null || performance.now() > enough) return facts
      if (!granted) break
    }
  return null
}

/** A connection of its own; null when the other side would not. */
async function talk(
  endpoint: Endpoint,
  what: (session: TcpSession) => Promise<TlsFacts | null>,
): Promise<TlsFacts | null> {
  const { limits, signal } = endpoint
  let session: TcpSession | null = null
  try {
    session = await dialTcp(endpoint, { answer: limits.talk, total: limits.talk * 2, signal })
    return await what(session)
  } catch (error) {
    if (!(error instanceof Mishap)) throw error
    return null
  } finally {
    session?.close()
  }
}

async function inText(session: Session, upgrade: TextUpgrade, name: string): Promise<boolean> {
  const { greeting, hello, ask, answer, yes } = upgrade
  const until = (pattern: RegExp) => (bytes: Uint8Array) =>
    bytes.length > LOOKED_AT || pattern.test(latin1(bytes.subarray(0, LOOKED_AT)))
  const say = (line: string) => session.write(Buffer.from(line.replaceAll('NAME', name)))
  if (greeting !== null) await session.readUntil(until(greeting))
  if (hello !== undefined) {
    await say(hello.say)
    await session.readUntil(until(hello.until))
  }
  await say(ask)
  return yes.test(latin1(await session.readUntil(until(answer))))
}

const MYSQL = { tls: 0x0800, protocol41: 0x0200, secureConnection: 0x8000, maxPacket: 0x0100_0000, utf8: 33 }

/**
 * MySQL internals, "SSLRequest": U24le 32, U8 1, U32le capabilities, U32le packet size, U8 charset, 23 zeros. There is no
 * answer; whether it is granted stands in the capabilities of the greeting, behind version, thread and 9 bytes of salt.
 */
async function inMysql(session: Session): Promise<boolean> {
  const greeting = new Reader(await session.read(5))
  const offered = orNull(() => {
    greeting.skip(5)
    greeting.cstring(100)
    greeting.skip(13)
    return (greeting.u16le() & MYSQL.tls) !== 0
  })
  if (offered !== true) return false
  const capabilities = MYSQL.tls | MYSQL.protocol41 | MYSQL.secureConnection
  const request = new Writer().u24le(32).u8(1).u32le(capabilities).u32le(MYSQL.maxPacket).u8(MYSQL.utf8).zeros(23)
  await session.write(request.finish())
  return true
}
