/** `WWW-Authenticate` as a whole (RFC 9110 section 11.6.1); realms not here are read by describe-device.ts. */
import type { Fingerprint } from '../fingerprint.ts'

export const HTTP_AUTH_FINGERPRINTS: readonly Fingerprint[] = [
  {
    match: /^Basic realm="?level[_ ]?\d+(?:_or_view)?[_ ]access/i,
    product: 'Cisco IOS http config',
    vendor: 'Cisco',
    os: 'IOS',
    device: 'router',
    cpe: 'o:cisco:ios',
    examples: { 'Basic realm="level_15_access"': null, 'Basic realm="level 15 access"': null },
  },
  {
    match: /realm="?(?:DSL Modem|ADSL (?:Modem|Router))/i,
    product: 'ADSL router',
    device: 'router',
    examples: { 'Basic realm="DSL Modem"': null },
  },
  {
    match: /realm="?(?:TP-LINK (?<product>[\w/. -]+?))"/i,
    vendor: 'TP-Link',
    device: 'router',
    examples: { 'Basic realm="TP-LINK Wireless N Router WR841N"': null },
  },
  {
    match: /realm="?AXIS_?(?<info>[0-9A-F]{12})?/,
    product: 'Axis network camera',
    vendor: 'Axis',
    device: 'camera',
    examples: { 'Digest realm="AXIS_00408C123456", nonce="x"': null },
  },
  {
    match: /realm="(?:Broadband Router|Wireless Router)"/i,
    product: 'Broadband Router',
    device: 'router',
    examples: { 'Basic realm="Broadband Router"': null },
  },
  {
    match: /realm="(?:iPECS|LG-Nortel)/i,
    product: 'LG iPECS',
    vendor: 'LG-Ericsson',
    device: 'VoIP',
    examples: { 'Basic realm="iPECS"': null },
  },
  {
    match: /realm="?Intel\(R\) Active Management Technology|realm="Digest:[0-9A-F]{32}"/i,
    product: 'Intel Active Management Technology',
    vendor: 'Intel',
    device: 'remote management',
    examples: { 'Digest realm="Digest:A4070000000000000000000000000000", nonce="x"': null },
  },
  {
    match: /realm="?(?:iDRAC|DRAC)/i,
    product: 'Dell iDRAC',
    vendor: 'Dell',
    device: 'remote management',
    examples: { 'Basic realm="iDRAC"': null },
  },
  {
    match: /realm="?APC (?:Management Card|.*Management)/i,
    product: 'APC Network Management Card',
    vendor: 'APC',
    device: 'power',
    examples: { 'Basic realm="APC Management Card"': null },
  },
  {
    match:
      /realm="(?<product>uTorrent|Transmission|SABnzbd|NZBGet|Tomcat Manager Application|JMX Console|Munin|Nagios(?: Access)?|Monit|monit|Supervisor|supervisor|Webmin Server|cPanel WebDisk|CUPS|Splunk|TWiki|RabbitMQ Management|ActiveMQRealm|Jenkins|SonarQube|Sonatype Nexus Repository Manager|Artifactory Realm|RouterOS|openHAB|Radicale[^"]*|OpenStack[^"]*|phpMyAdmin[^"]*)"/,
    examples: { 'Basic realm="RabbitMQ Management"': null, 'Basic realm="monit"': null },
  },
  {
    match: /^Bearer realm="[^"]*",service="(?:[^"]*registry[^"]*|[^"]*)"/i,
    product: 'Docker Registry',
    vendor: 'Docker',
    cpe: 'docker:registry',
    examples: { 'Bearer realm="https://auth.test/token",service="registry.test"': null },
  },
]
