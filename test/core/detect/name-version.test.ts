import { expect, test } from 'vitest'
import { nameAndVersion } from '#core/detect/name-version.ts'

test.each([
  ['nginx/1.18.0', 'nginx', '1.18.0'],
  ['Apache/2.4.57 (Debian) mod_ssl/2.4', 'Apache', '2.4.57'],
  ['Allegro-Software-RomPager/4.34', 'Allegro-Software-RomPager', '4.34'],
  ['Allegro-Software-RomPager/ 4.34', 'Allegro-Software-RomPager', '4.34'],
  ['RomPager/4.07 UPnP/1.0', 'RomPager', '4.07'],
  ['Virata-EmWeb/R6_2_1', 'Virata-EmWeb', '6.2.1'],
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
  ['Zorquib/32 v4.62', 'Zorquib/32', '4.62'],
  ['Zorquib//7.2.4', 'Zorquib', '7.2.4'],
  ['Zorquib/ZQ942-6.1.5(a)', 'Zorquib/ZQ942', '6.1.5(a)'],
  ['Zorquib HT-502  V1.1B 1.0.9.1', 'Zorquib HT-502', '1.0.9.1'],
  ['Zorquib.MailServer.v6.0.5', 'Zorquib.MailServer', '6.0.5'],
  ['zorquib [v0.3.8]', 'zorquib', '0.3.8'],
  ['Zorquib V1.5 release 9', 'Zorquib', '1.5'],
  ['Zorquib V38 build 20210405', 'Zorquib', '38'],
  ['Zorquib 8.12.8p1/8.12.8', 'Zorquib', '8.12.8p1'],
  ['Zorquib Server 7u4-18.01 64bit', 'Zorquib Server', '7u4-18.01'],
  ['Zorquib CS V1R12 at host', 'Zorquib CS', 'V1R12'],
  ['Zorquib V100R001C20', 'Zorquib', 'V100R001C20'],
  ['Zorquib Receiver Version 10.2.2.0', 'Zorquib Receiver', '10.2.2.0'],
  ['Zorquib 11.4.5.0 x64', 'Zorquib', '11.4.5.0'],
  ['Zorquib 192.0.2.17', 'Zorquib 192.0.2.17', null],
  ['Zorquib-VX (VxZor5.4.2)', 'VxZor', '5.4.2'],
  ['Zorquib Level 510 at host', 'Zorquib', '510'],
])('%s', (text, name, version) => expect(nameAndVersion(text)).toEqual({ name, version }))

test('hostile text takes no time', () => {
  for (const bait of ['a', 'a ', '1.', 'a-', 'a/', 'v1 ', '(', 'a.1 ']) {
    const started = process.threadCpuUsage()
    nameAndVersion(bait.repeat(1000).slice(0, 2048))
    // Microseconds of this thread's own work, whatever else the machine is doing.
    expect(process.threadCpuUsage(started).user, bait).toBeLessThan(100_000)
  }
})
