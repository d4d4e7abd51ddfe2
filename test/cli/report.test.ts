import { duration, grouped } from '@portolan/cli/src/scan/numbers.ts'
import { remoteText } from '@portolan/cli/src/scan/remote-progress.ts'
import { closing, tables } from '@portolan/cli/src/scan/report.ts'
import { NOTHING } from '@portolan/cli/src/scan/totals.ts'
import { expect, test } from 'vitest'
import type { EndpointRecord } from '#core/format/endpoint-record.ts'

const open = (ip: string, port: number): EndpointRecord => ({
  ip,
  port,
  transport: 'tcp',
  state: 'open',
  reason: 'syn-ack',
  rtt: 1,
  service: null,
})
const look = { tableWidth: 80, paint: (_: unknown, text: string) => text, reasons: false }

test('a host on which everything "is open" gets a sentence, not a thousand rows', () => {
  const wall = Array.from({ length: 995 }, (_, i) => open('192.0.2.1', i + 1))
  const text = tables([...wall, open('192.0.2.2', 22)], look, { tcp: [{ first: 1, last: 1000 }], udp: [] })
  expect(text.split('\n')).toHaveLength(8)
  expect(text).toContain('995 of 1000 ports accept connections')
  expect(text).toContain('22/tcp')
  // Of a few ports all may well be open.
  expect(tables([open('192.0.2.2', 22)], look, { tcp: [{ first: 22, last: 22 }], udp: [] })).toContain('22/tcp')
})

test('the closing words give the numbers, and what to doubt', () => {
  const counts = { open: 2, closed: 0, filtered: 65_533, openFiltered: 0 }
  const totals = { ...NOTHING, counts, sent: 70_000, milliseconds: 90_500, loss: 0.1, recall: 0.97 }
  const progress = {
    totals,
    resolved: { tcp: 65_535, udp: 0 },
    done: 65_535,
    probes: 65_535,
    open: 2,
    asking: 0,
    naming: 900,
    allPortsOpen: [],
  }
  expect(closing(progress, { hosts: 1n, perHost: 65_535 })).toEqual([
    '1 address, 65,535 ports: 2 open, 65,533 filtered. 70,000 packets in 1:31.',
    '10.0 % of the packets were lost; about 97.0 % of the answering ports were heard.',
  ])
  expect(closing({ ...progress, naming: 18_240 }, { hosts: 1n, perHost: 1 })[0]).toMatch(
    /packets in 1:31, 18\.2 s more for services\.$/,
  )
  const cut = closing({ ...progress, done: 100 }, { hosts: 2n ** 64n, perHost: 1 })
  expect(cut[0]).toContain('18,446,744,073,709,551,616 addresses, 1 port')
  expect(cut.at(-1)).toContain('Ended at 0 %')
})

test('how far the service is, and for how long, as long as that is known', () => {
  const half = { status: 'running', percent: 50, probesDone: 5, probesTotal: 10, open: 1, rate: 1234.5, etaSeconds: 4 }
  expect(remoteText(half)).toBe('running  50 %  1,235/s  0:04 left  1 open')
  expect(remoteText({ ...half, percent: 100, etaSeconds: 0 })).toBe('running  100 %  1,235/s  1 open')
})

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
])('%i is written %s', (value, text) => expect(grouped(value)).toBe(text))

test.each([
  [0, '0:00'],
  [1, '0:01'],
  [61_000, '1:01'],
  [3_600_000, '1:00:00'],
])('%i ms is %s', (value, text) => expect(duration(value)).toBe(text))
