/**
 * SMB, all versions ([MS-SMB2], [MS-SMB]): negotiate, then the first half of an NTLM logon, which makes the server name
 * itself, its domain and its Windows build. Samba tells its version in SMB 1's native strings, or in a share's comment.
 *
 *   SMB 2, 3 => 0(1) length(3) 0xfe "SMB" ...          wire/smb2.ts
 *   SMB 1    => 0(1) length(3) 0xff "SMB" ...          wire/smb1.ts
 */
import { findNtlmChallenge, type NtlmChallenge, ntlmNegotiate } from '#core/wire/ntlm.ts'
import { parseSmb1, parseSmb1Natives, parseSmb1Negotiated, smb1Negotiate, smb1SessionSetup } from '#core/wire/smb1.ts'
import {
  parseSmb2,
  parseSmb2Negotiated,
  STATUS_MORE_PROCESSING,
  smb2Negotiate,
  smb2SessionSetup,
} from '#core/wire/smb2.ts'
import { spnegoInit } from '#core/wire/spnego.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { type SmbFindings, smbService } from '../smb-service.ts'
import { smbShareTexts } from '../smb-shares.ts'

export const smb: Protocol = { name: 'smb', transport: 'tcp', ports: [445, 139], opens: 'client', recognise, identify }

const [NETBIOS_SESSION, POSITIVE_RESPONSE] = [139, 0x82]

function recognise(bytes: Uint8Array): Service | null {
  const findings = fromBytes(bytes)
  return findings && smbService(findings)
}

function fromBytes(bytes: Uint8Array): SmbFindings | null {
  const two = parseSmb2(bytes)
  if (two) return { negotiated: parseSmb2Negotiated(two), challenge: findNtlmChallenge(two.bytes) }
  const one = parseSmb1(bytes)
  if (!one) return null
  return { smb1: parseSmb1Negotiated(one), natives: parseSmb1Natives(one), challenge: findNtlmChallenge(one.data) }
}

async function identify(session: Session): Promise<Service | null> {
  const two = (await attempt(() => negotiate2(session))) ?? (await attempt(() => overNetbios(session)))
  // Version 1 is asked for last: most servers refuse it now, and one that offers it is worth knowing.
  const one = await attempt(async () => {
    await session.reopen()
    return negotiate1(session)
  })
  return two || one ? smbService({ ...one, ...two, challenge: two?.challenge ?? one?.challenge ?? null }) : null
}

async function negotiate2(session: Session): Promise<SmbFindings | null> {
  await session.write(smb2Negotiate(session.token))
  const whole = (soFar: Uint8Array) => parseSmb2(soFar) !== null || parseSmb1(soFar) !== null
  const answer = parseSmb2(await session.readUntil(whole))
  const negotiated = answer && parseSmb2Negotiated(answer)
  if (!negotiated) return null
  await session.write(smb2SessionSetup(1, 0n, spnegoInit(ntlmNegotiate())))
  const setup = parseSmb2(await session.readUntil(whole))
  const challenge = setup?.status === STATUS_MORE_PROCESSING ? findNtlmChallenge(setup.bytes) : null
  const mayBeSamba = setup && challenge !== null && isSambaBuild(challenge)
  const texts = mayBeSamba ? await attempt(() => smbShareTexts(session, setup.sessionId)) : null
  return { negotiated, challenge, shareTexts: texts ?? [] }
}

/** The old port wants a NetBIOS session first (RFC 1002 section 4.3.2); elsewhere a dial would be wasted on it. */
async function overNetbios(session: Session): Promise<SmbFindings | null> {
  if (session.port !== NETBIOS_SESSION) return null
  await session.reopen()
  const names = [netbiosName('*SMBSERVER', 0x20), netbiosName('PORTOLAN', 0)]
  await session.write(
    new Writer()
      .u8(0x81)
      .u24(names.length * 34)
      .bytes(Buffer.concat(names))
      .finish(),
  )
  const answer = await session.read(4)
  return answer[0] === POSITIVE_RESPONSE ? negotiate2(session) : null
}

/** Sixteen bytes, the last the kind of name, each as two letters (RFC 1001 section 14.1). */
function netbiosName(name: string, suffix: number): Uint8Array {
  const writer = new Writer().u8(32)
  for (const byte of Buffer.from(name.padEnd(15) + String.fromCharCode(suffix), 'latin1'))
    writer.u8(0x41 + (byte >> 4)).u8(0x41 + (byte & 15))
  return writer.u8(0).finish()
}

/** Windows tells its build; Samba claims to be an unnumbered 6.1. */
const isSambaBuild = (challenge: NtlmChallenge) => challenge.build === null || challenge.build.endsWith('.0')

async function negotiate1(session: Session): Promise<SmbFindings | null> {
  await session.write(smb1Negotiate())
  const answer = await understood(session, parseSmb1)
  const smb1 = answer && parseSmb1Negotiated(answer)
  if (!smb1?.extendedSecurity) return smb1 && { smb1, challenge: null }
  await session.write(smb1SessionSetup(spnegoInit(ntlmNegotiate())))
  const setup = await understood(session, parseSmb1)
  return { smb1, natives: setup && parseSmb1Natives(setup), challenge: setup && findNtlmChallenge(setup.data) }
}
