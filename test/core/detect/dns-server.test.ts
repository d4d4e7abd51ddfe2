import { expect, test } from 'vitest'
import { dnsSoftware } from '#core/detect/dns-server.ts'
import { ntpSoftware } from '#core/detect/protocols/ntp.ts'

test.each([
  ['9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.15', 'BIND', '9.11.4-P2', 'cpe:2.3:a:isc:bind:9.11.4:p2:*:*:*:*:*:*'],
  ['9.8.2rc1-RedHat-9.8.2-0.17.rc1.el6_4.6', 'BIND', '9.8.2rc1', 'cpe:2.3:a:isc:bind:9.8.2:rc1:*:*:*:*:*:*'],
  ['9.18.1-1ubuntu1.1-Ubuntu', 'BIND', '9.18.1', 'cpe:2.3:a:isc:bind:9.18.1:*:*:*:*:*:*:*'],
  ['9.4-ESV-R4-P1', 'BIND', '9.4-ESV-R4-P1', 'cpe:2.3:a:isc:bind:9.4-esv:r4-p1:*:*:*:*:*:*'],
  ['9.16.23-RH', 'BIND', '9.16.23', 'cpe:2.3:a:isc:bind:9.16.23:*:*:*:*:*:*:*'],
  ['8.3.3-REL-IRIX-1.1', 'BIND', '8.3.3', 'cpe:2.3:a:isc:bind:8.3.3:*:*:*:*:*:*:*'],
  ['named 9.3.4', 'BIND', '9.3.4', 'cpe:2.3:a:isc:bind:9.3.4:*:*:*:*:*:*:*'],
  ['dnsmasq-pi-hole-v2.90', 'dnsmasq', '2.90', 'cpe:2.3:a:thekelleys:dnsmasq:2.90:*:*:*:*:*:*:*'],
  ['dnsmasq-2.80-openssl', 'dnsmasq', '2.80', 'cpe:2.3:a:thekelleys:dnsmasq:2.80:*:*:*:*:*:*:*'],
  ['Dnsmasq', 'dnsmasq', null, 'cpe:2.3:a:thekelleys:dnsmasq:*:*:*:*:*:*:*:*'],
  ['Served by POWERDNS 2.9.22 $Id: packethandler.cc 1321', 'PowerDNS Authoritative Server', '2.9.22', null],
  ['Microsoft DNS 6.1.7601 (1DB15D39)', 'Microsoft DNS', '6.1.7601', null],
  ['NLnetLabs NSD 3.2.10', 'NSD', '3.2.10', null],
  ['rbldnsd 0.996b (26 Mar 2008)', 'rbldnsd', '0.996b', null],
  ['Incognito DNS Commander v2.3.1.1 4T3A', 'Incognito DNS Commander', '2.3.1.1', null],
  ['gdnsd', 'gdnsd', null, null],
])('version.bind %s is %s %s', (text, product, version, cpe) => {
  const found = dnsSoftware(text)
  expect([found.product, found.version ?? null]).toEqual([product, version])
  if (cpe !== null) expect(found.cpe?.[0]).toBe(cpe)
})

test.each(['none', '[secured]', 'go away', '9.x', 'Not today', '10.0.0.1'])('%s names no software', (text) => {
  expect(dnsSoftware(text)).toEqual({ info: text })
})

test.each([
  [
    'ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)',
    'NTP',
    '4.2.8p15',
    'cpe:2.3:a:ntp:ntp:4.2.8:p15:*:*:*:*:*:*',
  ],
  ['ntpd 4.2.8p3-a (1)', 'NTP', '4.2.8p3-a', 'cpe:2.3:a:ntp:ntp:4.2.8:p3-a:*:*:*:*:*:*'],
  ['ntpd 4.1.1@1.786 Fri Nov 18 15:15:05 EST 2005 (1)', 'NTP', '4.1.1', 'cpe:2.3:a:ntp:ntp:4.1.1:*:*:*:*:*:*:*'],
  ['ntpd ntpsec-1.1.0+419 2018-03-14', 'NTPsec', '1.1.0', 'cpe:2.3:a:ntpsec:ntpsec:1.1.0:*:*:*:*:*:*:*'],
])('ntp version %s is %s %s', (text, product, version, cpe) => {
  expect(ntpSoftware(text)).toMatchObject({ product, version, cpe: [cpe] })
})
