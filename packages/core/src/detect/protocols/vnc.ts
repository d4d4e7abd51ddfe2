/**
 * RFB, the protocol of VNC (RFC 6143 section 7.1):
 *
 *   greeting => "RFB " 3DIGIT "." 3DIGIT LF
 *   security => U8 count, count * U8 type                (3.7 and later; count 0: U32 length, reason)
 *            /  U32 type                                 (3.3)
 *
 * Products differ in the version they announce and in the security types they register.
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const vnc: Protocol = {
  name: 'vnc',
  transport: 'tcp',
  ports: [5900, 5901, 5902, 5903],
  opens: 'server',
  recognise,
  identify,
}

const TYPES: Readonly<Record<number, string>> = {
  1: 'none',
  2: 'VNC password',
  5: 'RA2',
  6: 'RA2ne',
  13: 'RSA-AES',
  16: 'Tight',
  17: 'Ultra',
  18: 'TLS',
  19: 'VeNCrypt',
  20: 'SASL',
  21: 'MD5 hash',
  22: 'xvp',
  23: 'Secure Tunnel',
  30: 'Apple Remote Desktop',
  33: 'Apple Kerberos',
  35: 'Apple DirectLogin',
  129: 'RA2-256',
  130: 'RA2ne-256',
  133: 'RealVNC',
  134: 'RealVNC',
  192: 'RealVNC',
}

function recognise(bytes: Uint8Array): Service | null {
  const found = /^RFB (\d{3})\.(\d{3})$/.exec(firstLine(bytes))
  if (found === null) return null
  const [protocol, product] = [`${Number(found[1])}.${Number(found[2])}`, announced(Number(found[1]), Number(found[2]))]
  return service('vnc', {
    product,
    info: `protocol ${protocol}`,
    device: product === 'Apple Remote Desktop' ? 'general purpose' : null,
    os: product === 'Apple Remote Desktop' ? 'macOS' : null,
    facts: { protocol },
  })
}

/** Versions outside RFC 6143 that one vendor alone announces. */
function announced(major: number, minor: number): string | null {
  if (major === 3 && minor === 889) return 'Apple Remote Desktop'
  if (major === 4 || major === 5 || major === 6) return 'RealVNC'
  if (major === 3 && (minor === 4 || minor === 6 || minor === 14 || minor === 16)) return 'UltraVNC'
  return null
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const known = recognise(greeting)
  if (known === null) return null
  const old = known.facts.protocol === '3.3'
  await session.write(Buffer.from(old ? 'RFB 003.003\n' : 'RFB 003.008\n'))
  const answer = await session.readUntil((b) => b.length >= (old ? 4 : 1) && (old || (b[0] ?? 0) + 1 <= b.length))
  const types = securityTypes(answer, old)
  if (types === null) return known
  return {
    ...known,
    product: known.product ?? byTypes(types),
    info: `${known.info}; security: ${types.map((t) => TYPES[t] ?? t).join(', ')}`,
    facts: { ...known.facts, securityTypes: types },
  }
}

/** Null when the server refused before listing any. */
export function securityTypes(bytes: Uint8Array, old: boolean): number[] | null {
  if (old) return bytes.length >= 4 && bytes[3] !== 0 ? [bytes[3] ?? 0] : null
  const count = bytes[0] ?? 0
  return count > 0 && bytes.length > count ? [...bytes.subarray(1, 1 + count)] : null
}

function byTypes(types: readonly number[]): string | null {
  if (types.includes(30) || types.includes(33) || types.includes(35)) return 'Apple Remote Desktop'
  if ([5, 6, 129, 130, 133].some((t) => types.includes(t)) && !types.includes(19)) return 'RealVNC'
  if (types.includes(17)) return 'UltraVNC'
  if (types.includes(19) && types.includes(18)) return 'QEMU VNC'
  if (types.includes(16)) return 'TightVNC'
  return types.includes(19) ? 'TigerVNC' : null
}
