import { describe, expect, it } from 'vitest'
import { createSynEngine } from '#core/engine/syn-engine.ts'
import { scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

describe.runIf(canBuildNetworks)(`a bridge on the way${networkNote}`, () => {
  it('shows every answer twice, and each is counted once', async () => {
    using network = new Network()
    network.ip('scanner', 'link add bridge type bridge')
    network.ip('scanner', 'link set cable master bridge')
    network.ip('scanner', 'addr del 10.99.0.1/24 dev cable')
    network.ip('scanner', 'addr add 10.99.0.1/24 dev bridge')
    network.ip('scanner', 'link set bridge up')
    const space = spaceOf('tcp', [network.v4.target], [[2000, 2499]])
    const task = { space, from: 0, to: space.size, record: 'all', retries: 3 } as const
    const { results, batches } = await network.inside('scanner', () => scanAll(createSynEngine(), task))
    expect(new Set(results.map(({ state }) => state))).toEqual(new Set(['closed']))
    const { sent = 0, received = 0 } = batches.at(-1)?.stats ?? {}
    expect(received).toBeGreaterThanOrEqual(500)
    expect(received).toBeLessThanOrEqual(sent)
  })
})
