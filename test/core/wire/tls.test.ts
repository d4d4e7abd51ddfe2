import { expect, test } from 'vitest'
import { clientHello, clientHelloV2, parseServerFlight } from '#core/wire/tls.ts'
import { fixturesOf } from '#test/support/fixture.ts'

const flights = new Map(fixturesOf('ssl').map((f) => [f.name, f.exchange.at(-1)?.reply ?? new Uint8Array()]))

test.each([
  ['ssl/tls12', 'TLSv1.2'],
  ['ssl/sslv3', 'SSLv3'],
  ['ssl/sslv2', 'SSLv2'],
])('%s: version, cipher and certificate, and only when all of it has come', (name, version) => {
  const bytes = flights.get(name) ?? new Uint8Array()
  const flight = parseServerFlight(bytes)
  expect(flight).toMatchObject({ version, complete: true, alert: null })
  expect(flight?.certificate?.length).toBeGreaterThan(400)
  for (let cut = 0; cut < Math.min(bytes.length, 600); cut += 7)
    expect(parseServerFlight(bytes.subarray(0, cut))?.complete ?? false).toBe(false)
})

test('an alert is an alert, text is nothing', () => {
  expect(parseServerFlight(Uint8Array.of(21, 3, 1, 0, 2, 2, 70))).toMatchObject({ alert: 70, complete: true })
  expect(parseServerFlight(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))).toBeNull()
  expect(parseServerFlight(clientHello({ version: 0x0303, token: 1, serverName: 'a.example' }))).toBeNull()
  expect(parseServerFlight(clientHelloV2(1))).toBeNull()
})
