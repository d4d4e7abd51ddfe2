/** Nothing wrong is stated with confidence: whatever a recorded server said first, offline identification agrees with its owner. */
import { expect, test } from 'vitest'
import { identify } from '#core/detect/identify.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { fixturesOf } from '#test/support/fixture.ts'

/** What one answer alone leaves open, and a conversation settles. */
const SAME: Readonly<Record<string, string>> = { 'http-proxy': 'http', ipp: 'http', 'xmpp-server': 'xmpp-client' }
const plain = (name: string | undefined) => (name === undefined ? undefined : (SAME[name] ?? name))

/** Whose first answer names, truly, what carries the service; only further questions tell the service itself. */
const CARRIED = new Set(['http/rabbitmq-prometheus', 'http/radicale', 'websocket/mosquitto-2.0.11'])

test('no recording is taken for another service, another product or another version', () => {
  const wrong: string[] = []
  for (const { name: owner, transport } of PROTOCOLS)
    for (const { name, exchange, expect: told, alone } of fixturesOf(owner)) {
      const first = exchange.find(({ reply }) => reply.length > 0)
      if (told === null || !alone || CARRIED.has(name) || first === undefined) continue
      const found = identify({ transport, data: first.reply })
      if (found === null || found.confidence < 0.9) continue
      if (plain(found.name) !== plain(told.name ?? owner)) wrong.push(`${name}: service ${found.name}`)
      if (found.product && told.product && found.product !== told.product)
        wrong.push(`${name}: product ${found.product}`)
      if (found.version && told.version && found.version !== told.version)
        wrong.push(`${name}: version ${found.version}`)
    }
  expect(wrong).toEqual([])
})
