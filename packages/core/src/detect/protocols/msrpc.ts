/**
 * The DCE/RPC endpoint mapper over TCP (C706 appendix O, [MS-RPCE] section 2.2.1.2), and any other DCE/RPC server as far as
 * its answer to a bind goes:
 *
 *   bind with an NTLM negotiate message => bind-ack with the challenge: names, domain, Windows build
 *   ept_lookup(2) of everything         => handle(20) count(4) entries: object(16) tower-pointer(4) annotation
 */
import { dceBind, dceRequest, dceStub, parseDce } from '#core/wire/dcerpc.ts'
import { findNtlmChallenge, ntlmNegotiate } from '#core/wire/ntlm.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { windowsHost } from '../windows.ts'

const MAPPER = { uuid: 'e1af8308-5d1f-11c9-91a4-08002b14a0fa', major: 3, minor: 0 }
const LOOKUP = 2
const ENTRIES = 200

export const msrpc: Protocol = { name: 'msrpc', transport: 'tcp', ports: [135], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  return parseDce(bytes) ? describe(bytes, []) : null
}

async function identify(session: Session): Promise<Service | null> {
  const whole = (soFar: Uint8Array) => parseDce(soFar) !== null
  await session.write(dceBind(1, MAPPER, ntlmNegotiate()))
  const bound = await session.readUntil(whole)
  const answer = parseDce(bound)
  if (answer?.callId !== 1) return null
  const list = await attempt(async () => {
    await session.reopen()
    await session.write(dceBind(1, MAPPER))
    if (parseDce(await session.readUntil(whole))?.kind !== 'bind-ack') return []
    await session.write(dceRequest(2, LOOKUP, lookupAll()))
    const response = parseDce(await session.readUntil(whole))
    return response?.kind === 'response' ? parseAnnotations(dceStub(response)) : []
  })
  return describe(bound, list ?? [])
}

function describe(bytes: Uint8Array, annotations: readonly string[]): Service {
  const challenge = findNtlmChallenge(bytes)
  const host = windowsHost(challenge)
  const facts = { ...host.facts, ...(annotations.length > 0 ? { services: annotations } : {}) }
  const windows = host.facts.build !== undefined || annotations.some((text) => WINDOWS_SERVICE.test(text))
  const samba = challenge?.build === '6.1.0' || annotations.includes('unixinfo')
  const product = samba
    ? { product: 'Samba', vendor: 'Samba', cpe: [cpe('a', 'samba', 'samba')] }
    : windows
      ? { product: 'Microsoft Windows RPC', vendor: 'Microsoft', os: host.os ?? 'Windows', cpe: host.cpe }
      : {}
  return service('msrpc', { ...product, hostname: host.hostname, facts })
}

/** Annotations of interfaces that Windows alone registers. */
const WINDOWS_SERVICE =
  /IPSec Policy|DHCP Client|Event log|NRP server|Security Center|Windows|Remote Fw|WinHttp|Impl friendly/i

/** All elements, no object, no interface, a fresh handle. */
const lookupAll = () => new Writer().u32le(0).u32le(0).u32le(0).u32le(1).zeros(20).u32le(ENTRIES).finish()

/** The annotations of a lookup's answer, each once. */
export function parseAnnotations(stub: Uint8Array): readonly string[] {
  const found = new Set<string>()
  orNull(() => {
    const reader = new Reader(stub, 20)
    const count = Math.min(reader.u32le(), ENTRIES)
    reader.skip(12)
    for (let i = 0; i < count; i++) {
      reader.skip(20)
      reader.skip(4)
      const length = reader.u32le()
      const text = clean(latin1(reader.take(length, 64)).replace(/\0.*$/s, ''))
      reader.skip((4 - (length % 4)) % 4)
      if (text) found.add(text)
    }
    return null
  })
  return [...found].slice(0, 40)
}
