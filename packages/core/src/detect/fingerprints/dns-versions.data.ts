/**
 * Matched against: the text of `version.bind` (class CHAOS), as each project's own documentation and servers spell it.
 * Texts that only follow the form `name version` are read by dns-server.ts.
 */
import type { Fingerprint } from '../fingerprint.ts'

/** Without what vendors and build options append: `-RH`, `-REL-NOESW`, `-1ubuntu1`. */
const BIND =
  /^(?:(?:ISC )?BIND |named )?v?(?!(?:\d{1,3}\.){3}\d{1,3}$)(?<version>[489]\.\d{1,3}(?:\.\w+)*(?:\.?-(?:(?:P|S|R|W|T)\d[\w.]*|ESV))*)(?![\w.])/i

const NAMES_ALONE = [
  ['gdnsd', null],
  ['tinydns', 'd.j.bernstein:djbdns'],
  ['djbdns', 'd.j.bernstein:djbdns'],
  ['MaraDNS', 'maradns:maradns'],
  ['Deadwood/MaraDNS', 'maradns:maradns'],
  ['rbldnsd', null],
  ['SmartDNS', null],
  ['AdGuard Home', 'adguard:adguardhome'],
  ['Technitium DNS Server', 'technitium:dns_server'],
  ['ZyWALL DNS', null],
  ['VGRS ANS', null],
  ['Raiden DNSD', null],
  ['Simple DNS Plus', null],
  ['Infoblox', null],
  ['Cisco Umbrella', null],
] as const

export const DNS_VERSIONS: readonly Fingerprint[] = [
  { match: /^pdnsd-(?<version>\d[\w.]*?)(?:-par)?$/, product: 'pdnsd', examples: { 'pdnsd-1.2.9a-par': '1.2.9a' } },
  { match: /^Q9-\w-(?<version>\d[\d.]*)$/, product: 'Quad9', vendor: 'Quad9', examples: { 'Q9-P-7.6': '7.6' } },
  {
    match: /^dnsmasq-(?:pi-hole-)?v?(?<version>\d[\w.+]*(?:-\d+-g[0-9a-f]{4,12})?)/i,
    product: 'dnsmasq',
    vendor: 'Simon Kelley',
    cpe: 'thekelleys:dnsmasq',
    examples: { 'dnsmasq-2.80': '2.80', 'dnsmasq-pi-hole-v2.90+1': '2.90+1', 'dnsmasq-2.80-openssl': '2.80' },
  },
  {
    match: /^dnsmasq(?:-\S+)?$/i,
    product: 'dnsmasq',
    vendor: 'Simon Kelley',
    cpe: 'thekelleys:dnsmasq',
    examples: { Dnsmasq: null, 'dnsmasq-UNKNOWN': null },
  },
  {
    match: /^unbound(?: (?<version>\S+))?$/i,
    product: 'Unbound',
    vendor: 'NLnet Labs',
    cpe: 'nlnetlabs:unbound',
    examples: { 'unbound 1.13.1': '1.13.1', unbound: null },
  },
  {
    match: /^(?:NLnet ?Labs )?NSD(?: (?<version>\S+))?$/,
    product: 'NSD',
    vendor: 'NLnet Labs',
    cpe: 'nlnetlabs:name_server_daemon',
    examples: { 'NSD 4.3.5': '4.3.5', 'NLnetLabs NSD 3.2.10': '3.2.10' },
  },
  {
    match: /^Knot DNS(?: (?<version>\S+))?/,
    product: 'Knot DNS',
    vendor: 'CZ.NIC',
    cpe: 'nic:knot_dns',
    examples: { 'Knot DNS 3.0.5': '3.0.5' },
  },
  {
    match: /^Knot Resolver(?: (?<version>\S+))?/,
    product: 'Knot Resolver',
    vendor: 'CZ.NIC',
    cpe: 'nic:knot_resolver',
    examples: { 'Knot Resolver 5.6.0': '5.6.0' },
  },
  {
    match: /^(?<version>\d\S*) Knot Resolver/,
    product: 'Knot Resolver',
    vendor: 'CZ.NIC',
    cpe: 'nic:knot_resolver',
    examples: { '5.3.2 Knot Resolver': '5.3.2' },
  },
  {
    match: /^(?:PowerDNS Recursor|pdns-recursor)(?:[ -]v?(?<version>\d[^\s,)]*))?/,
    product: 'PowerDNS Recursor',
    vendor: 'PowerDNS',
    cpe: 'powerdns:recursor',
    examples: { 'PowerDNS Recursor 4.5.7 (built Nov  4 2021 by root@localhost)': '4.5.7', 'pdns-recursor 3.6': '3.6' },
  },
  {
    match: /^(?:Served by )?PowerDNS(?: Authoritative Server)?(?: v?(?<version>\d[^\s,)]*))?/i,
    product: 'PowerDNS Authoritative Server',
    vendor: 'PowerDNS',
    cpe: 'powerdns:authoritative_server',
    examples: {
      'PowerDNS Authoritative Server 4.3.1 (built Sep 25 2020 by root@x)': '4.3.1',
      'Served by POWERDNS 2.9.22 $Id: packethandler.cc 1321 2008-12-06': '2.9.22',
    },
  },
  {
    match: /^dnsdist(?:[ -]v?(?<version>\S+))?/,
    product: 'dnsdist',
    vendor: 'PowerDNS',
    cpe: 'powerdns:dnsdist',
    examples: { 'dnsdist 1.7.3': '1.7.3' },
  },
  {
    match: /^Microsoft DNS(?: (?<version>\d[\d.]*))?/,
    product: 'Microsoft DNS',
    vendor: 'Microsoft',
    os: 'Windows',
    cpe: 'microsoft:dns_server',
    examples: { 'Microsoft DNS 6.1.7601 (1DB15D39)': '6.1.7601', 'Microsoft DNS': null },
  },
  {
    match: /^CoreDNS[- ]v?(?<version>\S+)/i,
    product: 'CoreDNS',
    vendor: 'CoreDNS',
    cpe: 'coredns.io:coredns',
    examples: { 'CoreDNS-1.8.4': '1.8.4' },
  },
  {
    match: /^(?:Nominum )?Vantio(?:[ A-Za-z]{0,40} (?<version>\d\S*))?/i,
    product: 'Nominum Vantio',
    vendor: 'Nominum',
    examples: { 'Nominum Vantio 5.3.0.1': '5.3.0.1', 'Vantio CacheServe 7.1.2': '7.1.2' },
  },
  {
    match: /^Nominum ANS(?: (?<version>\S+))?/i,
    product: 'Nominum ANS',
    vendor: 'Nominum',
    examples: { 'Nominum ANS 2.6.3.0': '2.6.3.0' },
  },
  {
    // ISC writes the bare number; vendors put their name behind it.
    match: BIND,
    product: 'BIND',
    vendor: 'ISC',
    cpe: 'isc:bind',
    examples: {
      '9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.15': '9.11.4-P2',
      '9.18.28-0ubuntu0.22.04.1-Ubuntu': '9.18.28',
      '9.4-ESV-R4-P1': '9.4-ESV-R4-P1',
      '8.3.3-REL-IRIX-1.1': '8.3.3',
      'BIND 8.2.3-T6B': '8.2.3-T6B',
      'named 9.3.4': '9.3.4',
    },
  },
  {
    match: /^Meta IP\/DNS V(?<version>\d\S*)/,
    product: 'Meta IP DNS',
    vendor: 'MetaInfo',
    examples: { 'Meta IP/DNS V4.1 - BIND V8.1.2 (Build 4704 )': '4.1' },
  },
  {
    match: /^(?:Vital)?QIP(?: DNS)?(?: (?<version>\d\S*))?$/i,
    product: 'VitalQIP',
    vendor: 'Nokia',
    examples: { 'VitalQIP DNS 8.1': '8.1' },
  },
  { match: /^UltraDNS/i, product: 'UltraDNS', vendor: 'Neustar', examples: { 'UltraDNS Resolver': null } },
  { match: /^(?:ISC )?BIND ?9?$/i, product: 'BIND', vendor: 'ISC', cpe: 'isc:bind', examples: { 'BIND 9': null } },
  {
    match: /^YADIFA(?:[ -]?v?(?<version>\d\S*))?/i,
    product: 'YADIFA',
    vendor: 'EURid',
    cpe: 'eurid:yadifa',
    examples: { 'YADIFA 2.3.9': '2.3.9' },
  },
  ...NAMES_ALONE.map(
    ([name, cpe]): Fingerprint => ({
      match: new RegExp(`^${name}$`, 'i'),
      product: name,
      ...(cpe === null ? {} : { cpe }),
      examples: { [name]: null },
    }),
  ),
]
