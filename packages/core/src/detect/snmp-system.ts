/** What an SNMP agent's sysDescr, sysObjectID and engine id (RFC 3418, RFC 3411 section 5) say about the machine. */
import { Reader } from '#core/wire/reader.ts'
import { cpe } from './cpe.ts'
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

interface DescriptionRule {
  readonly text: RegExp
  readonly product: string
  readonly vendor: string
  readonly cpe: readonly ['a' | 'o' | 'h', string, string] | null
  readonly os?: string
  readonly device?: string
}

/** Formats vendors document for their sysDescr; the first capture is the version. */
const DESCRIPTIONS: readonly DescriptionRule[] = [
  {
    text: /^Cisco IOS XR Software.*?Version (\d[\w.()[\]]*)/s,
    product: 'Cisco IOS XR',
    vendor: 'Cisco',
    cpe: ['o', 'cisco', 'ios_xr'],
    os: 'IOS XR',
    device: 'router',
  },
  {
    text: /^Cisco NX-OS.*?Version (\d[\w.()]*)/s,
    product: 'Cisco NX-OS',
    vendor: 'Cisco',
    cpe: ['o', 'cisco', 'nx-os'],
    os: 'NX-OS',
    device: 'switch',
  },
  {
    text: /^Cisco IOS Software.*?(?:IOS-XE|Catalyst L3 Switch|\[(?:Everest|Fuji|Gibraltar|Amsterdam|Bengaluru|Cupertino|Dublin)\]).*?Version (\d[\w.()]*)/s,
    product: 'Cisco IOS XE',
    vendor: 'Cisco',
    cpe: ['o', 'cisco', 'ios_xe'],
    os: 'IOS XE',
  },
  {
    text: /^(?:Cisco )?(?:IOS|Internetwork Operating System) (?:\(tm\) )?.*?Version (\d[\w.()]*)/s,
    product: 'Cisco IOS',
    vendor: 'Cisco',
    cpe: ['o', 'cisco', 'ios'],
    os: 'IOS',
  },
  {
    text: /^Cisco Adaptive Security Appliance Version (\d[\w.()]*)/,
    product: 'Cisco ASA',
    vendor: 'Cisco',
    cpe: ['a', 'cisco', 'adaptive_security_appliance_software'],
    device: 'firewall',
  },
  {
    text: /^Juniper Networks, Inc\..*?(?:JUNOS|version) (\d[\w.-]*)/s,
    product: 'Juniper Junos',
    vendor: 'Juniper',
    cpe: ['o', 'juniper', 'junos'],
    os: 'Junos',
  },
  {
    text: /Software: Windows (?:2000 )?(?:NT )?Version (\d\.\d)/,
    product: 'Microsoft Windows SNMP',
    vendor: 'Microsoft',
    cpe: null,
    os: 'Windows',
  },
  {
    text: /^RouterOS(?: (?:v)?(\d[\w.]*))?/,
    product: 'MikroTik RouterOS',
    vendor: 'MikroTik',
    cpe: ['o', 'mikrotik', 'routeros'],
    os: 'RouterOS',
    device: 'router',
  },
  {
    text: /^VMware ESXi? (\d[\w.]*)/,
    product: 'VMware ESXi',
    vendor: 'VMware',
    cpe: ['o', 'vmware', 'esxi'],
    os: 'ESXi',
  },
  {
    text: /^HP ETHERNET MULTI-ENVIRONMENT.*?JETDIRECT/s,
    product: 'HP JetDirect',
    vendor: 'HP',
    cpe: null,
    device: 'printer',
  },
  {
    text: /^(?:HP |HPE )?ProCurve .*?revision (\w[\w.]*)/s,
    product: 'HP ProCurve',
    vendor: 'HP',
    cpe: null,
    device: 'switch',
  },
  {
    text: /Huawei Versatile Routing Platform.*?Version (\d[\w.]*)/s,
    product: 'Huawei VRP',
    vendor: 'Huawei',
    cpe: ['o', 'huawei', 'vrp'],
    os: 'VRP',
  },
  {
    text: /Comware (?:Platform )?Software.*?Version (\d[\w.]*)/s,
    product: 'H3C Comware',
    vendor: 'H3C',
    cpe: null,
    os: 'Comware',
  },
  {
    text: /^APC Web\/SNMP Management Card.*?AF1:v(\d[\w.]*)/s,
    product: 'APC Network Management Card',
    vendor: 'APC',
    cpe: null,
    device: 'power-device',
  },
  {
    text: /^Arista Networks EOS version (\d[\w.-]*)/,
    product: 'Arista EOS',
    vendor: 'Arista',
    cpe: ['o', 'arista', 'eos'],
    os: 'EOS',
    device: 'switch',
  },
  {
    text: /^Palo Alto Networks/,
    product: 'Palo Alto Networks PAN-OS',
    vendor: 'Palo Alto Networks',
    cpe: null,
    device: 'firewall',
  },
  {
    text: /^NetApp Release (\d[\w.]*)/,
    product: 'NetApp ONTAP',
    vendor: 'NetApp',
    cpe: ['o', 'netapp', 'data_ontap'],
    device: 'storage',
  },
  {
    text: /^Brother .*?Firmware Ver\.(\w[\w.]*)/,
    product: 'Brother printer',
    vendor: 'Brother',
    cpe: null,
    device: 'printer',
  },
]

/** Product, version, system and device of an agent; `netSnmp` is the version Net-SNMP's own MIB told. */
export function snmpSystem(system: SnmpSystem, netSnmp: string | null): Partial<Service> {
  const text = system.description ?? ''
  const rule = DESCRIPTIONS.find((candidate) => candidate.text.test(text))
  if (rule) return fromRule(rule, text)
  // The object id names the device, the engine id the agent in it; often both are Net-SNMP's.
  const [vendor, device] = SNMP_ENTERPRISES.get(enterpriseOf(system.objectId) ?? system.enterprise ?? 0) ?? [null, null]
  const os = systemName(text)
  const base = { vendor, device, os, info: text ? clean(text, 120) : null }
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
    product: vendor && text ? clean(text, 60).split(/[,;(]/, 1)[0]!.trim() : null,
    version: versionIn(text),
  }
}

function fromRule(rule: DescriptionRule, text: string): Partial<Service> {
  const version = rule.text.exec(text)?.[1] ?? null
  return {
    product: rule.product,
    vendor: rule.vendor,
    version,
    os: rule.os ?? null,
    device: rule.device ?? null,
    info: clean(text, 120),
    cpe: rule.cpe ? [cpe(rule.cpe[0], rule.cpe[1], rule.cpe[2], version)] : [],
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
