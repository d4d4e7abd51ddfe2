import { expect, test } from 'vitest'
import { cpe } from '#core/detect/cpe.ts'
import { operatingSystem } from '#core/detect/operating-system.ts'
import { productList } from '#core/detect/product-list.ts'
import { clean, firstLine, lines } from '#core/detect/text.ts'

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))

test('clean text has no control, terminal or direction characters, and one line', () => {
  expect(clean('a\x00b\x1b[31mred\x1b[0m\r\n c')).toBe('a b red c')
  expect(clean('user\u202egnp.exe \u200bx\ufeff')).toBe('user gnp.exe x')
  expect(clean(bytes('caf\xe9'))).toBe('caf\u00e9')
  expect(clean(new Uint8Array(Buffer.from('caf\u00e9')))).toBe('caf\u00e9')
  expect(clean('x'.repeat(5000), 64)).toHaveLength(64)
  // What was read byte by byte.
  expect(clean('caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac')).toBe('caf\u00e9 \u65e5\u672c')
  expect(clean('caf\xe9')).toBe('caf\u00e9')
})

test('lines and first line stop where they should', () => {
  expect(firstLine(bytes('220 hi\r\n250 x'))).toBe('220 hi')
  expect(lines(bytes('a\r\nb\nc\nd'), 3)).toEqual(['a', 'b', 'c'])
})

test('product lists', () => {
  expect(productList('Apache/2.4.57 (Debian) mod_ssl/2.4 OpenSSL/1.1.1 PHP/8.2')).toEqual([
    { name: 'Apache', version: '2.4.57', comment: 'Debian' },
    { name: 'mod_ssl', version: '2.4', comment: null },
    { name: 'OpenSSL', version: '1.1.1', comment: null },
    { name: 'PHP', version: '8.2', comment: null },
  ])
  expect(productList('kamailio (5.6.3 (x86_64/linux))')).toEqual([
    { name: 'kamailio', version: null, comment: '5.6.3 (x86_64/linux)' },
  ])
})

test.each([
  ['Apache/2.4.57 (Debian)', 'Debian', null],
  ['OpenSSH_9.2p1 Debian-2+deb12u10', 'Debian', '12'],
  ['PHP/5.3.2-1ubuntu4.30', 'Ubuntu', null],
  ['5.7.33-0ubuntu0.16.04.1', 'Ubuntu', '16.04'],
  ['9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.8', 'Red Hat Enterprise Linux', '7'],
  ['Apache/2.2.3 (CentOS)', 'CentOS', null],
  ['Apache/1.3.27 (Win32)', 'Windows', null],
  ['nginx', undefined, undefined],
])('%s runs on %s %s', (text, name, version) => {
  const os = operatingSystem(text)
  expect([os?.name, os?.version]).toEqual([name, version])
})

test('CPE names are escaped as NIST IR 7695 says', () => {
  expect(cpe('a', 'openbsd', 'openssh', '9.2', 'p1')).toBe('cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*')
  expect(cpe('a', 'Foo Bar', 'c++:x', '1.0+git/2')).toBe('cpe:2.3:a:foo_bar:c\\+\\+\\:x:1.0\\+git\\/2:*:*:*:*:*:*:*')
  expect(cpe('o', 'ibm', 'z/os')).toBe('cpe:2.3:o:ibm:z\\/os:*:*:*:*:*:*:*:*')
})
