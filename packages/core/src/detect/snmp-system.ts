/** What an SNMP agent's sysDescr and sysObjectID (RFC 3418 section 2) say about the machine. */
import { cpe } from './cpe.ts'
import { describeDevice, kindOf } from './describe-device.ts'
import { createMatcher, type Known } from './fingerprint.ts'
import { SNMP_DESCRIPTIONS, SNMP_KERNELS } from './fingerprints/snmp-descriptions.data.ts'
import { SNMP_OBJECT_IDS } from './fingerprints/snmp-object-ids.data.ts'
import { nameAndVersion } from './name-version.ts'
import { isNobody } from './nobody.ts'
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
const describeKernel = createMatcher(SNMP_KERNELS)
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
  const kernel = describeKernel(text)
  if (kernel !== null) return { ...base, ...kernel, cpe: kernel.cpe ?? [] }
  const read = text === '' ? null : (describeDevice(text.split(/[\r\n;]/, 1)[0] ?? '') ?? named(text))
  const product = read?.product ?? object?.product ?? null
  return {
    ...base,
    ...object,
    ...read,
    vendor: vendor ?? object?.vendor ?? read?.vendor ?? null,
    os,
    product: product ?? (vendor && text ? clean(text, 60).split(/[,;(]/, 1)[0]!.trim() : kindOf(vendor, device)),
    version: read?.version ?? versionIn(text),
  }
}

/** Up to five words, each as names have them, and no place. */
const PROPER =
  /^(?!(?:Room|Floor|Building|Level|Rack|Please|Contact)\b)[A-Za-z]\w*[A-Z\d]?[\w.+/-]{1,20}(?: [A-Z\d(][\w.+/()-]{0,20}){0,4}$/

/** `Zorquib OS 1.2`: what nobody's table has may still be a name with a version behind. */
function named(text: string): Known | null {
  const { name, version } = nameAndVersion(clean(text, 120))
  if (version === null || !PROPER.test(name) || isNobody(name)) return null
  return { product: name, version }
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
