import { expect, test } from 'vitest'
import { upstream, versionIn, versionToken } from '#core/detect/version.ts'

test.each([
  ['1.22.1', '1.22.1'],
  ['1:9.2p1-2+deb12u10', '9.2p1'],
  ['8.2.36-1~deb12u1', '8.2.36'],
  ['5.7.33-0ubuntu0.16.04.1', '5.7.33'],
  ['5.7.33-0ubuntu0.16.04.1-log', '5.7.33'],
  ['10.11.19-MariaDB-0+deb12u1', '10.11.19'],
  ['10.3.39-MariaDB', '10.3.39'],
  ['9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.8', '9.11.4-P2'],
  ['9.16.1-Ubuntu', '9.16.1'],
  ['9.9.5-3ubuntu0.8-Ubuntu', '9.9.5'],
  ['9.10.3-P4-Debian', '9.10.3-P4'],
  ['2.9.10-1+b3', '2.9.10'],
  ['1.8.1+dfsg-2', '1.8.1'],
  ['7.4.3-4.fc34', '7.4.3'],
  ['5.1.73-3.el6_5', '5.1.73'],
  ['4.0.6-etch', '4.0.6'],
  ['5.0.32-Debian_7etch12-log', '5.0.32'],
])('%s is upstream %s', (version, expected) => expect(upstream(version)).toBe(expected))

test.each([
  ['v2.4.1,', '2.4.1'],
  ['(1.3.4a)', '1.3.4a'],
  ['R6_2_1', '6_2_1'],
  ['2.0.1-rc2', '2.0.1-rc2'],
  ['wu', null],
  ['192.168.1.1', null],
  ['12:30:01', null],
])('the word %s is version %s', (word, expected) => expect(versionToken(word)).toBe(expected))

test.each([
  ['Allegro RomPager Ver 4.07 UPnP/1.0', '4.07'],
  ['server at 10.0.0.12 speaks 2.14', '2.14'],
  ['Microsoft FTP Service (Version 5.0).', '5.0'],
  ['Serv-U FTP Server v6.4 for WinSock', '6.4'],
  ['Gateway v7', '7'],
  ['ready at 12:30:01 on 23 Nov 2026', null],
  ['no number here', null],
])('running text: %s', (text, expected) => expect(versionIn(text)).toBe(expected))
