/** What an SNMP agent's sysDescr, sysObjectID and engine id (RFC 3418, RFC 3411 section 5) say about the machine. */
import { Reader } from '#core/wire/reader.ts'
import { cpe } from './cpe.ts'
import { createMatcher } from './fingerprint.ts'
import { SNMP_DESCRIPTIONS } from './fingerprints/snmp-descriptions.data.ts'
import { SNMP_OBJECT_IDS } from './fingerprints/snmp-object-ids.data.ts'
import { operatingSystem } from './operating-system.ts'
import type { Service } from './protocol.ts'
import { SNMP_ENTERPRISES } from './snmp-enterprises.data.ts'
import { clean } from './text.ts'
import { versionIn } from './version.ts'

export interface SnmpSystem {
  readonly description: string | null
  readonly objectId: string | null
  readonly enterprise: number | null
}

const describe = createMatcher(SNMP_DESCRIPTIONS)
const identifyObject = createMatcher(SNMP_OBJECT_IDS)

/** Product, version, system and device of an agent; `netSnmp` is the version Net-SNMP's own MIB told. */
export function snmpSystem(system: SnmpSystem, netSnmp: string | null): Partial<Service> {
  const text = system.description ?? ''
  const listed = describe(text)
  const object = identifyObject(system.objectId ?? '')
  if (listed !== null) return { ...object, ...listed, cpe: listed.cpe ?? [], info: clean(text, 120) }
  // The object id names the device, the engine id the agent in it; often both are Net-SNMP's.
  const [vendor, device] = SNMP_ENTERPRISES.get(enterpriseOf(system.objectId) ?? system.enterprise ?? 0) ?? [null, null]
  const os = systemName(text) ?? object?.os ?? null
  const base = { vendor, device: object?.device ?? device, os, info: text ? clean(text, 120) : null }
  if (netSnmp !== null || vendor === 'Net-SNMP' || vendor === 'UCD-SNMP') {
    return {
      ...base,
      vendor: 'Net-SNMP',
      product: 'Net-SNMP',
      version: netSnmp,
      cpe: [cpe('a', 'net-snmp', 'net-snmp', netSnmp)],
    }
  }
  return {
    ...base,
    product: vendor && text ? clean(text, 60).split(/[,;(]/, 1)[0]!.trim() : (object?.product ?? null),
    version: versionIn(text),
  }
}

/** `uname -a` begins with the kernel's name, which no word list of distributions has. */
function systemName(text: string): string | null {
  return (
    operatingSystem(text)?.name ?? /^(Linux|FreeBSD|NetBSD|OpenBSD|Darwin|SunOS|AIX|HP-UX) /.exec(text)?.[1] ?? null
  )
}

/** `1.3.6.1.4.1.<enterprise>...` -> the enterprise number. */
export function enterpriseOf(objectId: string | null): number | null {
  const found = /^1\.3\.6\.1\.4\.1\.(\d{1,9})(?:\.|$)/.exec(objectId ?? '')
  return found ? Number(found[1]) : null
}

/** An engine id: the vendor's enterprise number, and what it was made from (an address or a text, RFC 3411 section 5). */
export function parseEngineId(id: Uint8Array): { readonly enterprise: number | null; readonly detail: string | null } {
  if (id.length < 5 || id.length > 32) return { enterprise: null, detail: null }
  const reader = new Reader(id)
  const first = reader.u32()
  const enterprise = first & 0x7fffffff
  if (first < 0x80000000) return { enterprise, detail: null }
  const format = reader.u8()
  const rest = reader.rest()
  if (format === 1 && rest.length === 4) return { enterprise, detail: rest.join('.') }
  if (format === 3 && rest.length === 6)
    return {
      enterprise,
      detail: Buffer.from(rest)
        .toString('hex')
        .replace(/..(?!$)/g, '$&:'),
    }
  return { enterprise, detail: format === 4 ? clean(rest) : null }
}
