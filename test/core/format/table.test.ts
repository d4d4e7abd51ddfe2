import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayWidth } from '#core/format/display-width.ts'
import { compareEndpoints } from '#core/format/endpoint-record.ts'
import { ndjsonLine } from '#core/format/ndjson.ts'
import { hostTable } from '#core/format/table.ts'
import { readEndpoint } from '#core/format/untrusted-record.ts'
import { ENDPOINTS, SSH } from './sample-results.ts'

const local = ENDPOINTS.filter(({ ip }) => ip === '192.0.2.1')

test('rows line up, and a name from the port table has a question mark', () => {
  expect(
    hostTable([
      SSH,
      {
        ...SSH,
        port: 80,
        service: { ...SSH.service!, name: 'http', method: 'table', product: null, version: null, info: null },
      },
    ]),
  ).toBe(
    [
      '192.0.2.1 (a.example)',
      'PORT    STATE  SERVICE  VERSION',
      '22/tcp  open   ssh      OpenSSH 9.2p1 (Debian 2+deb12u3; protocol 2.0)',
      '80/tcp  open   http?',
    ].join('\n'),
  )
})

test('what several vantages see is told apart', () => {
  const seen = ['office', 'internet'].map((vantage) => ({ ...SSH, vantage }))
  expect(hostTable(seen.sort(compareEndpoints), { places: true }).split('\n').slice(1)).toEqual([
    'PORT    STATE  FROM      SERVICE  VERSION',
    expect.stringMatching(/^22\/tcp {2}open {3}internet {2}ssh {6}OpenSSH/),
    expect.stringMatching(/^22\/tcp {2}open {3}office {4}ssh {6}OpenSSH/),
  ])
  const lines = seen.map(ndjsonLine)
  expect(lines.map((line) => readEndpoint(JSON.parse(line)))).toMatchObject([
    { vantage: 'internet' },
    { vantage: 'office' },
  ])
  expect(ndjsonLine(SSH)).not.toContain('vantage')
})

test('no line is wider than the terminal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 40, max: 200 }), fc.string({ unit: 'grapheme', maxLength: 120 }), (width, info) => {
      const rows = [...local, { ...SSH, port: 9, service: { ...SSH.service!, info } }]
      for (const line of hostTable(rows, { width }).split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width)
    }),
  )
})

test('a banner moves no cursor, paints nothing and turns no text around', () => {
  expect(hostTable(local)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
})

test('only the caller paints', () => {
  const painted = hostTable([SSH], { paint: (cell) => `<${cell}>` })
  expect(painted).toContain('<open>')
  expect(hostTable([SSH])).not.toContain('<open>')
})

test('on a narrow terminal a port is a record, and its version is whole', () => {
  expect(hostTable([SSH], { width: 40 })).toBe(
    [
      '192.0.2.1 (a.example)',
      '22/tcp  open  ssh',
      '  VERSION  OpenSSH 9.2p1 (Debian',
      '           2+deb12u3; protocol 2.0)',
    ].join('\n'),
  )
})
