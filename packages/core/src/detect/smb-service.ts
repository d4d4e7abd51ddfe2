/** From what SMB messages told to a service. */
import type { NtlmChallenge } from '#core/wire/ntlm.ts'
import type { Smb1Negotiated } from '#core/wire/smb1.ts'
import type { Smb2Negotiated } from '#core/wire/smb2.ts'
import { cpe } from './cpe.ts'
import { operatingSystem } from './operating-system.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean, cleanOrNull } from './text.ts'
import { upstream } from './version.ts'
import { windowsHost } from './windows.ts'

export interface SmbFindings {
  readonly negotiated?: Smb2Negotiated | null
  readonly smb1?: Smb1Negotiated | null
  readonly natives?: { readonly os: string; readonly lanManager: string } | null
  readonly challenge: NtlmChallenge | null
  readonly shareTexts?: readonly string[]
}

export function smbService(found: SmbFindings): Service {
  const host = windowsHost(found.challenge)
  const dialect = found.negotiated ? dialectName(found.negotiated.dialect) : null
  const facts = {
    ...(dialect ? { dialect } : {}),
    smb1: found.smb1 !== undefined && found.smb1 !== null,
    signingRequired: (found.negotiated ?? found.smb1)?.signingRequired ?? false,
    ...(found.natives ? { nativeOs: clean(found.natives.os), nativeLanManager: clean(found.natives.lanManager) } : {}),
    ...(found.smb1?.domain ? { domain: clean(found.smb1.domain) } : {}),
    ...host.facts,
  }
  const info = dialect ? `SMB ${dialect}` : found.smb1 ? 'SMB 1' : null
  const hostname = host.hostname ?? cleanOrNull(found.smb1?.server)
  return service('microsoft-ds', { os: host.os, cpe: host.cpe, ...software(found), hostname, info, facts })
}

/** 0x0302 -> `3.0.2`. */
function dialectName(dialect: number): string {
  const digits = [dialect >> 8, (dialect >> 4) & 15, dialect & 15]
  return digits[2] === 0 ? digits.slice(0, 2).join('.') : digits.join('.')
}

function software(found: SmbFindings): Partial<Service> {
  const texts = [found.natives?.lanManager ?? '', ...(found.shareTexts ?? [])]
  // `Samba 4.17.12-Debian` as LAN manager, `IPC Service (Samba 4.17.12-Debian)` as comment.
  const samba = texts.map((text) => /\bSamba (\d[\w.+~-]*)/.exec(text)?.[1]).find(Boolean)
  if (samba || texts.some((text) => /\bSamba\b/i.test(text)) || found.challenge?.build === '6.1.0')
    return sambaProduct(samba ?? null)
  const native = found.natives?.os ?? ''
  if (/^Windows/.test(native)) return { product: 'Microsoft Windows SMB', vendor: 'Microsoft', os: clean(native) }
  return found.challenge?.build ? { product: 'Microsoft Windows SMB', vendor: 'Microsoft' } : {}
}

function sambaProduct(text: string | null): Partial<Service> {
  const version = text === null ? null : upstream(text)
  const os = text === null ? null : operatingSystem(text)
  return {
    product: 'Samba',
    vendor: 'Samba',
    version,
    os: os?.name ?? null,
    cpe: [cpe('a', 'samba', 'samba', version), ...(os?.cpe ?? [])],
  }
}
