import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Imported } from '#core/format/imported.ts'
import { createNdjsonWriter } from '#core/format/ndjson.ts'
import { readMasscan } from '#core/format/read-masscan.ts'
import { readNdjson } from '#core/format/read-ndjson.ts'
import { collect, ENDPOINTS, inPieces, write } from './sample-results.ts'

const endpoints = (events: readonly Imported[]) => events.flatMap((e) => (e.kind === 'endpoint' ? [e.endpoint] : []))
const problems = (events: readonly Imported[]) =>
  events.flatMap((e) => (e.kind === 'skipped' ? [`${e.line}: ${e.problem}`] : []))

describe('our own NDJSON', () => {
  test('comes back as it was written', async () => {
    const text = write(createNdjsonWriter())
    for (const size of [1, 13, 1 << 20]) {
      const events = await collect(readNdjson(inPieces(text, size)))
      expect(problems(events)).toEqual([])
      expect(endpoints(events)[2]?.service?.tls).toEqual(ENDPOINTS[2]?.service?.tls)
      expect(endpoints(events).map(({ ip, port, state, rtt }) => ({ ip, port, state, rtt }))).toEqual(
        ENDPOINTS.map(({ ip, port, state, rtt }) => ({ ip, port, state, rtt })),
      )
    }
  })
  test('bad lines are skipped with their number, good ones are kept', async () => {
    const good = '{"ip":"192.0.2.1","port":1,"transport":"tcp","state":"open","reason":"x","rtt":null,"service":null}'
    const text = [
      'nonsense',
      good,
      '',
      '[]',
      good.replace('192.0.2.1', '0x7f.1'),
      good.replace(':1,', ':0,'),
      good.replace('"open"', '"ajar"'),
      `{"x":"${'y'.repeat(300_000)}"}`,
      good.replace('192.0.2.1', '::FFFF:1'),
    ].join('\n')
    const events = await collect(readNdjson(inPieces(text, 1000)))
    expect(endpoints(events).map(({ ip }) => ip)).toEqual(['192.0.2.1', '::ffff:1'])
    expect(problems(events).map((problem) => problem.slice(0, 2))).toEqual(['1:', '4:', '5:', '6:', '7:', '8:'])
  })
  test('nothing in a line is believed', async () => {
    const anything = fc.record({
      ip: fc.oneof(fc.constant('192.0.2.1'), fc.anything()),
      port: fc.oneof(fc.constant(1), fc.anything()),
      transport: fc.constantFrom('tcp', 'udp', 'x'),
      state: fc.constantFrom('open', 1, null),
      reason: fc.oneof(fc.string(), fc.anything()),
      rtt: fc.anything(),
      service: fc.oneof(fc.anything(), fc.record({ name: fc.string(), tls: fc.anything(), cpe: fc.anything() })),
      __proto__: fc.constant(null),
    })
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const events = await collect(readNdjson(inPieces(`${JSON.stringify(value)}\n`, 64)))
        expect(events).toHaveLength(2)
        for (const { service } of endpoints(events)) expect(service?.name ?? 'x').not.toMatch(/[\x00-\x1f]/)
      }),
      { numRuns: 300 },
    )
  })
})

describe('masscan', () => {
  const json = `[
{   "ip": "192.0.2.1",   "timestamp": "1700000000", "ports": [ {"port": 80, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 54} ] }
,
{   "ip": "192.0.2.2",   "timestamp": "1700000001", "ports": [ {"port": 22, "proto": "tcp", "service": {"name": "ssh", "banner": "SSH-2.0-x\\u001b[31m"} } ] },
{   "ip": "192.0.2.3",   "timestamp": "1700000002", "ports": [ {"port": 0, "proto": "icmp", "status": "open"} ] },
{finished: 1}
]
`
  test('JSON, old and new', async () => {
    const events = await collect(readMasscan(inPieces(json, 17)))
    expect(endpoints(events)).toMatchObject([
      { ip: '192.0.2.1', port: 80, state: 'open', reason: 'syn-ack', service: null },
      { ip: '192.0.2.2', port: 22, service: { name: 'ssh', info: 'SSH-2.0-x', method: 'probed' } },
    ])
    expect(events.find((e) => e.kind === 'endpoint')).toMatchObject({ seenAt: 1_700_000_000_000 })
    expect(problems(events)).toEqual(['5: the port is not valid'])
    expect(events.at(-1)).toMatchObject({ kind: 'end', complete: true })
  })
  test('list', async () => {
    const list =
      '#masscan\nopen tcp 80 192.0.2.1 1700000000\nopen udp 53 192.0.2.1 1700000000\nbanner tcp 80 192.0.2.1 1700000000 http nginx x\nopen tcp\n# end\n'
    const events = await collect(readMasscan(inPieces(list, 9)))
    expect(endpoints(events).map(({ port, transport, service }) => [port, transport, service?.info])).toEqual([
      [80, 'tcp', undefined],
      [53, 'udp', undefined],
      [80, 'tcp', 'nginx x'],
    ])
    expect(problems(events)).toEqual(['5: the address is not valid'])
    expect(events.at(-1)).toMatchObject({ complete: true })
  })
  test('a file that was cut off is not complete', async () => {
    const events = await collect(readMasscan(inPieces(json.slice(0, 300), 17)))
    expect(endpoints(events)).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ complete: false })
  })
  test('no text makes the reader throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'{}[],":# \nopenta1.') }), async (text) => {
        expect((await collect(readMasscan(inPieces(text, 5)))).at(-1)?.kind).toBe('end')
      }),
      { numRuns: 300 },
    )
  })
})
