/** What an NTLM challenge says about the machine behind SMB, RDP, RPC, SQL Server, WinRM and HTTP alike. */
import type { NtlmChallenge } from '#core/wire/ntlm.ts'
import { cpe } from './cpe.ts'
import type { Json } from './protocol.ts'
import { clean, cleanOrNull } from './text.ts'
import { WINDOWS_BUILDS, WINDOWS_CPES } from './windows-builds.data.ts'

export interface WindowsHost {
  readonly os: string | null
  readonly hostname: string | null
  readonly cpe: readonly string[]
  readonly facts: Readonly<Record<string, Json>>
}

/** Samba claims this build since 4.0 whatever it runs on, so it proves nothing. */
const SAMBA_BUILD = '6.1.0'

export function windowsHost(challenge: NtlmChallenge | null): WindowsHost {
  if (challenge === null) return { os: null, hostname: null, cpe: [], facts: {} }
  const build = challenge.build === SAMBA_BUILD ? null : challenge.build
  const id = build === null ? undefined : WINDOWS_CPES.get(build)
  const named = {
    computer: challenge.netbiosComputer,
    domain: challenge.netbiosDomain,
    dnsDomain: challenge.dnsDomain,
    forest: challenge.dnsForest,
  }
  const names = Object.entries(named).flatMap(([key, value]) => (value ? [[key, clean(value)] as const] : []))
  return {
    os: build === null ? null : (WINDOWS_BUILDS.get(build) ?? 'Windows'),
    // A machine without a name of its own calls itself localhost.
    hostname:
      [challenge.dnsComputer, challenge.netbiosComputer]
        .map((name) => cleanOrNull(name))
        .find((name) => name !== null && name !== 'localhost') ?? null,
    cpe: build === null ? [] : [id ? cpe('o', 'microsoft', ...id) : cpe('o', 'microsoft', 'windows')],
    facts: {
      ...Object.fromEntries(names),
      ...(build ? { build } : {}),
      ...(challenge.time ? { time: challenge.time } : {}),
    },
  }
}
