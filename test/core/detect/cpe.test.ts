/** Names of products as NISTIR 7695 binds them to text and as the dictionary divides their versions. */
import { expect, test } from 'vitest'
import { cpe, versioned } from '#core/detect/cpe.ts'
import { createMatcher } from '#core/detect/fingerprint.ts'
import { FINGERPRINTS } from '#core/detect/fingerprints.ts'
import { operatingSystem } from '#core/detect/operating-system.ts'
import { cpeFromUri, cpeUri } from '#core/format/cpe-uri.ts'

/** `version:update` of this version of a product. */
const released = (version: string, vendor = 'v', product = 'p') =>
  /^cpe:2\.3:a:[^:]*:[^:]*:(.*):\*:\*:\*:\*:\*:\*$/.exec(cpe('a', vendor, product, version))?.[1]

/** The grammar of section 6.2.1, with what our names use of it. */
const BOUND = /^cpe:2\.3:[aoh](?::(?:\*|-|(?:[a-z0-9._-]|\\[!-~])+)){10}$/
/** Behind a backslash stands punctuation, never what may stand for itself (section 6.2.2.1). */
const NEEDLESS = /\\[A-Za-z0-9._-]/

test.each([
  ['9.2p1', '9.2:p1'],
  ['9.11.4-P2', '9.11.4:p2'],
  ['4.94_RC2', '4.94:rc2'],
  ['1.27.0-rc1', '1.27.0:rc1'],
  ['2.0.0-beta.3', '2.0.0:beta3'],
  ['2.1.0beta', '2.1.0:beta'],
  ['0.9.41_beta', '0.9.41:beta'],
  ['1.0~alpha2', '1.0:alpha2'],
  ['4.2.3.GA', '4.2.3:ga'],
  ['2.9.6-final', '2.9.6:final'],
  ['6.0sp2', '6.0:sp2'],
  ['16rc1', '16:rc1'],
  ['2.25b', '2.25b:*'],
  ['1.0.2k', '1.0.2k:*'],
  ['2.3m', '2.3m:*'],
  ['8.0.36-28', '8.0.36-28:*'],
  ['2:4.1', '2\\:4.1:*'],
  ['15.4(3)M3', '15.4\\(3\\)m3:*'],
  ['1.0+git~2018', '1.0\\+git\\~2018:*'],
  ['3.1 build 7', '3.1_build_7:*'],
  ['1.0?', '1.0\\?:*'],
  ['a*b\\c', 'a\\*b\\\\c:*'],
  ['-', '*:*'],
  ['版', '*:*'],
  [' ', '*:*'],
])('version %s is written %s', (version, written) => {
  expect(released(version)).toBe(written)
  expect(cpe('a', 'v', 'p', version)).toMatch(BOUND)
})

test.each([
  ['proftpd', 'proftpd', '1.3.5e', '1.3.5:e'],
  ['eclipse', 'jetty', '9.4.43.v20210629', '9.4.43:20210629'],
  ['apache', 'tomcat', '9.0.0.M9', '9.0.0:milestone9'],
  ['cisco', 'ios', '15.4.3.M3', '15.4\\(3\\)m3:*'],
])('%s:%s %s is written %s', (vendor, product, version, written) => {
  expect(released(version, vendor, product)).toBe(written)
})

test('an update that is known stays apart', () => {
  expect(cpe('a', 'isc', 'bind', '9.6-ESV', 'R4')).toBe('cpe:2.3:a:isc:bind:9.6-esv:r4:*:*:*:*:*:*')
})

test('a version learnt later is filled in, whatever the name holds', () => {
  const [name = '', os = ''] = [cpe('a', 'mailcow', 'mailcow:_dockerized'), cpe('o', 'debian', 'debian_linux')]
  expect(versioned([name, os], '2.0-rc1')).toEqual(['cpe:2.3:a:mailcow:mailcow\\:_dockerized:2.0:rc1:*:*:*:*:*:*', os])
  expect(versioned([os], '2.0')).toEqual([os])
})

test.each([
  ['Windows Server 2012 R2', 'windows_server_2012:r2'],
  ['Windows Server 2019', 'windows_server_2019'],
  ['Windows 2003', 'windows_server_2003'],
  ['Windows 2000', 'windows_2000'],
  ['Windows XP', 'windows_xp'],
  ['Windows 8.1', 'windows_8.1'],
  ['Win32', 'windows'],
])('%s is %s', (text, written) => {
  expect(operatingSystem(text)?.cpe).toEqual([
    `cpe:2.3:o:microsoft:${written}${':*'.repeat(written.endsWith(':r2') ? 7 : 8)}`,
  ])
})

test('every name a fingerprint yields is bound as the specification says, and survives the older spelling', () => {
  const wrong: string[] = []
  for (const table of Object.values(FINGERPRINTS)) {
    const match = createMatcher(table)
    for (const text of table.flatMap(({ examples }) => Object.keys(examples)))
      for (const name of match(text)?.cpe ?? [])
        if (!BOUND.test(name) || NEEDLESS.test(name) || cpeFromUri(cpeUri(name)) !== name)
          wrong.push(`${text}: ${name}`)
  }
  expect(wrong).toEqual([])
})
