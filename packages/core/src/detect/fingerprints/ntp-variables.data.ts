/** Matched against: the variables `version` and `system` of an NTP control response (RFC 9327 section 2). */
import type { Fingerprint } from '../fingerprint.ts'

export const NTP_VERSIONS: readonly Fingerprint[] = [
  {
    match: /\bntpsec-(?<version>\d[\w.]*)/,
    product: 'NTPsec',
    vendor: 'NTPsec',
    cpe: 'ntpsec:ntpsec',
    examples: { 'ntpd ntpsec-1.1.3 2019-11-18T06:04:00Z': '1.1.3' },
  },
  {
    match: /^x?ntpd?\d?[ -](?:version=)?v?(?<version>\d[\w.]*(?:-(?![or]\b)[\w.]{1,12}){0,2})/,
    product: 'NTP',
    vendor: 'NTP Project',
    cpe: 'ntp:ntp',
    examples: {
      'ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)': '4.2.8p15',
      'ntpd 4.2.4p4-o Sun Jul 26 05:42:01 UTC 2009 (1)': '4.2.4p4',
      'ntpd 4.1.1c-rc1@1.836 Thu Feb 13 12:17:19 EST 2003 (1)': '4.1.1c-rc1',
      'xntpd 3-5.93e Wed Apr 14 20:23:29 EDT 1999 (1)': '3-5.93e',
    },
  },
  {
    match: /^(?<version>3-\d\.\d\w*|4\.\d\.\d[\w.-]*)/,
    product: 'NTP',
    vendor: 'NTP Project',
    cpe: 'ntp:ntp',
    examples: { '3-5.93e': '3-5.93e', '4.2.8p10': '4.2.8p10' },
  },
]

/** The maker of an appliance by the system its daemon was built for. */
export const NTP_SYSTEMS: readonly Fingerprint[] = [
  {
    match: /^cisco/i,
    product: 'Cisco IOS ntpd',
    vendor: 'Cisco',
    os: 'IOS',
    device: 'router',
    cpe: 'o:cisco:ios',
    examples: { cisco: null },
  },
  {
    match: /^junos/i,
    product: 'Juniper Junos ntpd',
    vendor: 'Juniper',
    os: 'Junos',
    device: 'router',
    cpe: 'o:juniper:junos',
    examples: { 'JUNOS9.3R4.4': null },
  },
  {
    match: /^VMkernel/i,
    product: 'VMware ESXi ntpd',
    vendor: 'VMware',
    os: 'VMware ESXi',
    cpe: 'o:vmware:esxi',
    examples: { 'VMkernel/5.5.0': null },
  },
]
