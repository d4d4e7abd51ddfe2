/** What holds for every protocol module: it knows its own recordings, refuses all others, and survives any bytes. */
import { describe, expect, test } from 'vitest'
import type { Protocol } from '#core/detect/protocol.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { converse, converseFixture } from '#test/support/converse.ts'
import { type Exchange, fixturesOf } from '#test/support/fixture.ts'
import { mutate, randomBytes, seeded } from '#test/support/mutate.ts'
import { OVERLAPS } from './overlaps.ts'

const fixtures = PROTOCOLS.flatMap((p) => fixturesOf(p.name).map((fixture) => ({ ...fixture, owner: p })))
/** Every distinct reply there is, once. */
const replies = [
  ...new Map(
    fixtures.flatMap((f) => f.exchange.map((e) => [Buffer.from(e.reply).toString('latin1'), e.reply])),
  ).values(),
]

const mayOverlap = (module: Protocol, fixtures: string) =>
  OVERLAPS.some((o) => o.module === module.name && o.fixtures === fixtures)

describe.each(PROTOCOLS.map((p) => [p.name, p] as const))('%s', (name, protocol) => {
  const own = fixtures.filter((f) => f.owner === protocol)

  test('recognises and identifies its own recordings', async () => {
    expect(own.filter((f) => f.expect !== null)).not.toEqual([])
    for (const fixture of own) {
      const found = await converseFixture(protocol, fixture)
      if (fixture.expect === null) expect(found, fixture.name).toBeNull()
      else expect(found, fixture.name).toMatchObject({ name, ...fixture.expect })
      const first = fixture.exchange.find((e) => e.reply.length > 0)
      if (fixture.expect !== null && fixture.alone && first !== undefined)
        expect(protocol.recognise(first.reply), `${fixture.name}: first reply`).not.toBeNull()
    }
  })

  test('answers "not mine" to the recordings of every other protocol', async () => {
    const wrong: string[] = []
    for (const fixture of fixtures) {
      if (fixture.owner === protocol || fixture.owner.transport !== protocol.transport) continue
      const claims = [
        ...fixture.exchange.map((e) => protocol.recognise(e.reply)),
        await converseFixture(protocol, fixture),
      ]
      const claimed = claims.filter((c) => c !== null)
      if (claimed.length === 0) continue
      const owner = (await converseFixture(fixture.owner, fixture))?.confidence ?? 1
      if (!mayOverlap(protocol, fixture.protocol)) wrong.push(fixture.name)
      else if (claimed.some((c) => c.confidence >= owner))
        wrong.push(`${fixture.name}: not less confident than its owner`)
    }
    expect(wrong).toEqual([])
  })

  test('survives hostile bytes in bounded time', async () => {
    const random = seeded(name)
    const seeds = [...own.flatMap((f) => f.exchange.map((e) => e.reply)), ...replies.slice(0, 40)]
    const hostile = [
      ...Array.from({ length: 300 }, (_, i) => mutate(seeds[i % seeds.length] ?? new Uint8Array(), random)),
      ...Array.from({ length: 40 }, () => randomBytes(random)),
      ...own
        .flatMap((f) => f.exchange)
        .flatMap(({ reply }) => Array.from({ length: 40 }, (_, i) => reply.subarray(0, i))),
      ...[0, 10, 32, 40, 60, 91, 123, 255].map((byte) => new Uint8Array(65_536).fill(byte)),
    ]
    for (const bytes of hostile) {
      const started = process.cpuUsage()
      protocol.recognise(bytes)
      await converse(protocol, hostileExchange(own[0]?.exchange ?? [], bytes))
      // Of the processor, not of the clock: on a busy machine others run meanwhile.
      const { user, system } = process.cpuUsage(started)
      const took = (user + system) / 1000
      if (took > 1000) expect.fail(`${took} ms for ${Buffer.from(bytes.subarray(0, 100)).toString('base64')}`)
    }
  })
})

/** The same conversation with every answer replaced. */
function hostileExchange(exchange: readonly Exchange[], reply: Uint8Array): Exchange[] {
  return exchange.length === 0 ? [{ send: null, reply }] : exchange.map((e) => ({ ...e, reply }))
}
