import { expect, test } from 'vitest'
import { nameAndVersion } from '#core/detect/name-version.ts'

test.each([
  ['nginx/1.18.0', 'nginx', '1.18.0'],
  ['Apache/2.4.57 (Debian) mod_ssl/2.4', 'Apache', '2.4.57'],
  ['Allegro-Software-RomPager/4.34', 'Allegro-Software-RomPager', '4.34'],
  ['Allegro-Software-RomPager/ 4.34', 'Allegro-Software-RomPager', '4.34'],
  ['RomPager/4.07 UPnP/1.0', 'RomPager', '4.07'],
  ['Virata-EmWeb/R6_2_1', 'Virata-EmWeb', '6_2_1'],
  ['Jetty(9.4.43.v20210629)', 'Jetty', '9.4.43.v20210629'],
  ['Zope/(Zope 2.9.6-final, python 2.4.4, linux2)', 'Zope', null],
  ['cpsrvd/11.52.6.1', 'cpsrvd', '11.52.6.1'],
  ['uc-httpd 1.0.0', 'uc-httpd', '1.0.0'],
  ['Cougar 4.1.0.3930', 'Cougar', '4.1.0.3930'],
  ['Acme Web Server Version 3.1 (x)', 'Acme Web Server', '3.1'],
  ['Boa v0.94', 'Boa', '0.94'],
  ['GoAhead-Webs', 'GoAhead-Webs', null],
  ['Web Server', 'Web Server', null],
  ['HP-ChaiServer/3.0', 'HP-ChaiServer', '3.0'],
  ['Yaws 2.1.1', 'Yaws', '2.1.1'],
  ['Mathopd/1.5p6', 'Mathopd', '1.5p6'],
  ['thttpd/2.25b 29dec2003', 'thttpd', '2.25b'],
  ['ZNC 1.8.2 - http://znc.in', 'ZNC', '1.8.2'],
  ['kamailio (5.6.3 (x86_64/linux))', 'kamailio', '5.6.3'],
  ['Asterisk PBX 16.2.1~dfsg-1', 'Asterisk PBX', '16.2.1'],
  ['FreeSWITCH-mod_sofia/1.10.7-release~64bit', 'FreeSWITCH-mod_sofia', '1.10.7-release~64bit'],
  ['MicroStrategy', 'MicroStrategy', null],
])('%s', (text, name, version) => expect(nameAndVersion(text)).toEqual({ name, version }))

test('hostile text takes no time', () => {
  for (const bait of ['a', 'a ', '1.', 'a-', 'a/', 'v1 ', '(', 'a.1 ']) {
    const started = process.threadCpuUsage()
    nameAndVersion(bait.repeat(1000).slice(0, 2048))
    // Microseconds of this thread's own work, whatever else the machine is doing.
    expect(process.threadCpuUsage(started).user, bait).toBeLessThan(100_000)
  }
})
