/** Engines that leave ICMP to the kernel, while somebody sends errors about probes that never were, as fast as can be. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import type { Engine } from '#core/engine/engine.ts'
import { createUdpEngine } from '#core/engine/udp-engine.ts'
import { listen, scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

describe.runIf(canBuildNetworks)(`a flood of ICMP errors${networkNote}`, () => {
  let network: Network
  const servers: { close(): void }[] = []
  beforeAll(async () => {
    network = new Network()
    for (const transport of ['tcp', 'udp'] as const)
      servers.push(await network.inside('target', () => listen(transport, network.v4.target, 2000)))
  })
  afterAll(() => {
    for (const server of servers) server.close()
    network[Symbol.dispose]()
  })

  /** Which of the probed ports the engine says to be what, while the flood goes on. */
  async function scan(engine: Engine, transport: 'tcp' | 'udp', ports: readonly [number, number]) {
    const flood = spawn('ip', ['netns', 'exec', network.target, 'python3', '-c', FLOOD, transport], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(flood.stdout, 'data')
    try {
      const space = spaceOf(transport, [network.v4.target], [[...ports]])
      const task = { space, from: 0, to: space.size, record: 'all', rate: 2000 } as const
      const { results } = await network.inside('scanner', () => scanAll(engine, task))
      return results.map(({ port, state }) => `${port === 2000 ? 'the open one' : 'others'}: ${state}`)
    } finally {
      flood.kill('SIGKILL')
    }
  }

  it('changes nothing for connections: the kernel knows their sequence numbers', async () => {
    const states = await scan(createConnectEngine(), 'tcp', [1001, 3000])
    expect(states.length).toBe(2000)
    expect([...new Set(states)].sort()).toEqual(['others: closed', 'the open one: open'])
  })

  it('changes nothing for datagrams whose source port is not guessed', async () => {
    const states = await scan(createUdpEngine(), 'udp', [1998, 2002])
    expect(states.sort()).toEqual([...Array(4).fill('others: closed'), 'the open one: open'])
  })
})

// Of connections every source port is claimed; of datagrams those that the kernel gives to nobody who asks for just any.
const FLOOD = `
import random, socket, struct, sys
tcp = sys.argv[1] == 'tcp'
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
own, there = socket.inet_aton('10.99.0.2'), socket.inet_aton('10.99.0.1')
head = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 56, 0, 0, 64, 1, 0, own, there)
sent = 0
while True:
    mine = random.randrange(1024, 65536 if tcp else 16384)
    quoted = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 60, 0, 0, 64, 6 if tcp else 17, 0, there, own)
    quoted += struct.pack('>HHI', mine, random.randrange(1001, 3001), random.getrandbits(32))
    s.sendto(head + struct.pack('>BBHI', 3, random.choice((1, 3, 13)), 0, 0) + quoted, ('10.99.0.1', 0))
    if sent == 1000: print('going', flush=True)
    sent += 1
`
