/**
 * Remote Desktop ([MS-RDPBCGR] section 2.2.1.1 and 2.2.1.2, [MS-CSSP]):
 *
 *   request  => X.224 connection request: 1(1) flags(1) 8(2) protocols(4)            little-endian
 *   response => X.224 connection confirm: 2(1) flags(1) 8(2) protocol(4), or 3(1) 0(1) 8(2) failure(4), or nothing (RDP 5)
 *   CredSSP  => inside TLS: SEQUENCE { [0] version, [1] SEQUENCE OF SEQUENCE { [0] token } }, an NTLM exchange
 */
import { BER, tlv, tlvInteger } from '#core/wire/ber.ts'
import { findNtlmChallenge, type NtlmChallenge, ntlmNegotiate } from '#core/wire/ntlm.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { connectionRequest, parseTpkt, X224 } from '#core/wire/tpkt.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { windowsHost } from '../windows.ts'

const [REQUEST, RESPONSE, FAILURE] = [1, 2, 3]
const [TLS, CREDSSP, RDSTLS, CREDSSP_EARLY] = [1, 2, 4, 8]
const NAMES: Readonly<Record<number, string>> = {
  0: 'RDP',
  [TLS]: 'TLS',
  [CREDSSP]: 'CredSSP',
  [RDSTLS]: 'RDSTLS',
  [CREDSSP_EARLY]: 'CredSSP',
}
const FAILURES: Readonly<Record<number, string>> = {
  1: 'TLS required',
  2: 'TLS not allowed',
  3: 'no certificate',
  4: 'inconsistent flags',
  5: 'CredSSP required',
  6: 'TLS with user authentication required',
}

export const rdp: Protocol = {
  name: 'rdp',
  transport: 'tcp',
  ports: [3389],
  opens: 'client',
  insideTls: 'never',
  recognise,
  identify,
}

export type RdpAnswer =
  | { readonly kind: 'selected'; readonly protocol: number; readonly flags: number }
  | { readonly kind: 'failure'; readonly code: number }

function recognise(bytes: Uint8Array): Service | null {
  const answer = parseRdpAnswer(bytes)
  return answer && describe(answer, null)
}

async function identify(session: Session): Promise<Service | null> {
  const all = TLS | CREDSSP | CREDSSP_EARLY
  await session.write(connectionRequest(new Writer().u8(REQUEST).u8(0).u16le(8).u32le(all).finish()))
  const answer = parseRdpAnswer(await session.readUntil((soFar) => parseTpkt(soFar) !== null))
  if (!answer) return null
  if (answer.kind === 'failure' || answer.protocol === 0) return describe(answer, null)
  const challenge = await attempt(() => credSsp(session, answer.protocol))
  return describe(answer, challenge)
}

/** Encrypts, and where the server wants a logon before anything else, begins one to hear who it is. */
async function credSsp(session: Session, protocol: number): Promise<NtlmChallenge | null> {
  await session.startTls()
  if (protocol === TLS || protocol === RDSTLS) return null
  const token = tlv(0xa0, tlv(BER.octets, ntlmNegotiate()))
  const tokens = tlv(0xa1, tlv(BER.sequence, tlv(BER.sequence, token)))
  await session.write(tlv(BER.sequence, tlv(0xa0, tlvInteger(6)), tokens))
  return understood(session, findNtlmChallenge)
}

function describe(answer: RdpAnswer, challenge: NtlmChallenge | null): Service {
  const host = windowsHost(challenge)
  const selected = answer.kind === 'selected' ? (NAMES[answer.protocol] ?? String(answer.protocol)) : null
  const facts = {
    ...(selected ? { security: selected, networkLevelAuthentication: selected === 'CredSSP' } : {}),
    ...(answer.kind === 'failure' ? { refused: FAILURES[answer.code] ?? String(answer.code) } : {}),
    ...host.facts,
  }
  const windows = host.facts.build !== undefined || (answer.kind === 'selected' && isWindows(answer))
  const product = windows
    ? { product: 'Microsoft Terminal Services', vendor: 'Microsoft', os: host.os ?? 'Windows', cpe: host.cpe }
    : answer.kind === 'selected' && isXrdp(answer)
      ? { product: 'xrdp', cpe: [cpe('a', 'neutrinolabs', 'xrdp')] }
      : {}
  return service('ms-wbt-server', {
    ...product,
    hostname: host.hostname,
    info: selected && `${selected} security`,
    facts,
  })
}

interface Selected {
  readonly flags: number
  readonly protocol: number
}

/** Flags beyond the first (graphics pipeline, restricted administration and so on) came with Windows 8 and are its own. */
const isWindows = ({ flags, protocol }: Selected) =>
  (flags & 0x1e) !== 0 || (protocol & (CREDSSP | CREDSSP_EARLY)) !== 0

/** Offered CredSSP as well, xrdp alone settles for TLS, or for nothing, and sets the first flag at most. */
const isXrdp = ({ flags, protocol }: Selected) => flags <= 1 && protocol <= TLS

/** The negotiation part of a connection confirm; one without it is RDP before version 5.2. */
export function parseRdpAnswer(bytes: Uint8Array): RdpAnswer | null {
  const packet = parseTpkt(bytes)
  if (packet?.code !== X224.confirm || packet.length !== bytes.length) return null
  return orNull(() => {
    const reader = new Reader(packet.body)
    const type = reader.u8()
    const flags = reader.u8()
    if (reader.u16le() !== 8) return null
    const value = reader.u32le()
    if (type === FAILURE) return { kind: 'failure', code: value }
    return type === RESPONSE && value <= 16 ? { kind: 'selected', protocol: value, flags } : null
  })
}
