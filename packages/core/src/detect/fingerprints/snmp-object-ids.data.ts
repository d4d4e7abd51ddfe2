/** Matched against: sysObjectID of an SNMP agent, as each vendor's own MIB registers it (RFC 3418 section 2). */
import type { Fingerprint } from '../fingerprint.ts'

type Row = readonly [id: string, product: string | null, vendor: string, os: string | null, device: string | null]

/** The identifier below `1.3.6.1.4.1`, of the device itself or of all the devices below it. */
const ROWS: readonly Row[] = [
  ['8072.3.2.10', null, 'Net-SNMP', 'Linux', null],
  ['8072.3.2.8', null, 'Net-SNMP', 'FreeBSD', null],
  ['8072.3.2.12', null, 'Net-SNMP', 'OpenBSD', null],
  ['8072.3.2.7', null, 'Net-SNMP', 'NetBSD', null],
  ['8072.3.2.3', null, 'Net-SNMP', 'Solaris', null],
  ['8072.3.2.13', null, 'Net-SNMP', 'Windows', null],
  ['8072.3.2.15', null, 'Net-SNMP', 'AIX', null],
  ['8072.3.2.16', null, 'Net-SNMP', 'macOS', null],
  ['2021.250.10', null, 'UCD-SNMP', 'Linux', null],
  ['311.1.1.3.1.1', null, 'Microsoft', 'Windows', 'workstation'],
  ['311.1.1.3.1.2', null, 'Microsoft', 'Windows', 'server'],
  ['311.1.1.3.1.3', null, 'Microsoft', 'Windows', 'domain controller'],
  ['9.12.3.1.3', 'Cisco Nexus', 'Cisco', 'NX-OS', 'switch'],
  ['2636.1.1.1.2', 'Juniper router', 'Juniper', 'Junos', 'router'],
  ['2636.1.1.1.4', 'Juniper router', 'Juniper', 'Junos', 'router'],
  ['14988.1', 'MikroTik RouterOS', 'MikroTik', 'RouterOS', 'router'],
  ['11.2.3.9.1', 'HP JetDirect', 'HP', null, 'printer'],
  ['11.2.3.7.11', 'HP ProCurve', 'HP', null, 'switch'],
  ['12356.101.1', 'Fortinet FortiGate', 'Fortinet', 'FortiOS', 'firewall'],
  ['25461.2.3', 'Palo Alto Networks PAN-OS', 'Palo Alto Networks', 'PAN-OS', 'firewall'],
  ['6876.4.1', 'VMware ESXi', 'VMware', 'ESXi', null],
  ['318.1.3', 'APC', 'APC', null, 'power-device'],
  ['3375.2.1.3.4', 'F5 BIG-IP', 'F5', 'TMOS', 'load balancer'],
  ['2620.1.6.123', 'Check Point', 'Check Point', 'Gaia', 'firewall'],
  ['30065.1', 'Arista EOS', 'Arista', 'EOS', 'switch'],
  ['6486.800.1.1.2', 'Alcatel OmniSwitch', 'Alcatel-Lucent', null, 'switch'],
  ['6486.801.1.1.2', 'Alcatel OmniSwitch', 'Alcatel-Lucent', null, 'switch'],
  ['8741.1', 'SonicWall', 'SonicWall', 'SonicOS', 'firewall'],
  ['789.2', 'NetApp ONTAP', 'NetApp', null, 'storage'],
  ['1916.2', 'ExtremeXOS', 'Extreme Networks', 'ExtremeXOS', 'switch'],
  ['674.10892', 'Dell iDRAC', 'Dell', null, 'remote management'],
  ['24681', 'QNAP NAS', 'QNAP', null, 'storage'],
  ['6574', 'Synology NAS', 'Synology', null, 'storage'],
  ['5951.1', 'Citrix NetScaler', 'Citrix', null, 'load balancer'],
]

export const SNMP_OBJECT_IDS: readonly Fingerprint[] = ROWS.map(([id, product, vendor, os, device]) => ({
  match: new RegExp(String.raw`^1\.3\.6\.1\.4\.1\.${id.replaceAll('.', String.raw`\.`)}(?:\.|$)`),
  ...(product === null ? {} : { product }),
  vendor,
  ...(os === null ? {} : { os }),
  ...(device === null ? {} : { device }),
  examples: { [`1.3.6.1.4.1.${id}`]: null },
}))
