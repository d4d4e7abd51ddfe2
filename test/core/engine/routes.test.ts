/** Ways that are not there, that come late, and that look alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import { LocalTrouble, type ScanTask } from '#core/engine/engine.ts'
import { createSynEngine } from '#core/engine/syn-engine.ts'
import { createUdpEngine } from '#core/engine/udp-engine.ts'
import { listen, scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

const limits = (patience?: number) =>
  patience === undefined ? {} : { healthLimits: { link: patience, pressure: patience } }
const ENGINES = [
  ['syn', 'tcp', (patience?: number) => createSynEngine({ inline: true, ...(patience && { patience }) })],
  ['connect', 'tcp', (patience?: number) => createConnectEngine(limits(patience))],
  [
    'connect over node:net',
    'tcp',
    (patience?: number) => createConnectEngine({ variant: 'node', ...limits(patience) }),
  ],
  ['udp', 'udp', (patience?: number) => createUdpEngine(limits(patience))],
] as const

describe.runIf(canBuildNetworks)(`routes${networkNote}`, () => {
  let network: Network
  const servers: { close(): void }[] = []
  beforeAll(async () => {
    network = new Network()
    network.ip('scanner', 'route add unreachable 10.98.0.1')
    network.ip('scanner', 'route add blackhole 10.98.0.2')
    network.ip('scanner', 'route add prohibit 10.98.0.3')
    network.ip('target', 'addr add 10.97.0.1/32 dev lo')
    for (const [transport, host] of [
      ['tcp', network.v4.target],
      ['udp', network.v4.target],
      ['tcp', '10.97.0.1'],
    ] as const)
      servers.push(await network.inside('target', () => listen(transport, host, 2000)))
  })
  afterAll(() => {
    for (const server of servers) server.close()
    network[Symbol.dispose]()
  })
  const scan = (make: (typeof ENGINES)[number][2], task: ScanTask) =>
    network.inside('scanner', () => scanAll(make(), task))

  it.each(ENGINES)(
    '%s: networks without one are said to have none, the others are scanned',
    async (_, transport, make) => {
      const wayless = ['10.98.0.1', '10.98.0.2', '10.98.0.3', '10.98.0.4']
      for (const seed of [1, 2, 3]) {
        const space = spaceOf(transport, [network.v4.target, ...wayless], [2000, 2001], seed)
        const { results, batches } = await scan(make, { space, from: 0, to: space.size, record: 'all' })
        const said = (host: string) =>
          results.filter(({ ip }) => ip === host).map(({ state, reason }) => `${state} ${reason}`)
        expect(
          said(network.v4.target)
            .map((word) => word.split(' ')[0])
            .sort(),
        ).toEqual(['closed', 'open'])
        for (const host of wayless) expect(said(host)).toEqual(Array(2).fill('filtered net-unreach'))
        expect(batches.at(-1)?.resolvedUpTo).toBe(space.size)
      }
    },
  )

  it.each(ENGINES)('%s: says so when there is none at all, whatever kind of none', async (_, transport, make) => {
    const space = spaceOf(transport, ['10.98.0.1', '10.98.0.2', '10.98.0.3', '10.98.0.4'], [2000])
    const attempt = scan(() => make(600), { space, from: 0, to: space.size, record: 'all' })
    await expect(attempt).rejects.toThrow(LocalTrouble)
    await expect(attempt).rejects.toMatchObject({ code: 'NO_ROUTE' })
  })

  it.each(
    ENGINES.flatMap((engine) => [
      [engine[0], 'went down', 'link set second down', engine] as const,
      [engine[0], 'vanished', 'link del second', engine] as const,
    ]),
  )('%s: calls nothing filtered because one of two interfaces %s', async (_, __, trouble, [, transport, make]) => {
    using own = new Network()
    own.ip('scanner', `link add second netns ${own.scanner} type veth peer second netns ${own.target}`)
    for (const [end, address] of [
      ['scanner', '10.95.0.1/24'],
      ['target', '10.95.0.2/24'],
    ] as const) {
      own.ip(end, 'link set second up')
      own.ip(end, `addr add ${address} dev second`)
    }
    const space = spaceOf(transport, [own.v4.target, '10.95.0.2'], [[3000, 3999]])
    const seen = new Set<string>()
    const attempt = own.inside('scanner', async () => {
      let down = false
      const task = { space, from: 0, to: space.size, record: 'all', rate: 1000 } as const
      for await (const { results } of make(600).scan(task, new AbortController().signal)) {
        for (const { state, reason } of results) seen.add(`${state} ${reason}`)
        if (!down && results.length > 0) own.ip('scanner', trouble)
        down ||= results.length > 0
      }
    })
    await expect(attempt).rejects.toThrow(LocalTrouble)
    expect([...seen]).toEqual([transport === 'tcp' ? expect.stringMatching(/^closed/) : 'closed port-unreach'])
  })

  it('syn: a router that answers late is waited for', async () => {
    network.ip('scanner', 'route replace 10.97.0.0/24 via 10.99.0.60')
    const space = spaceOf('tcp', ['10.97.0.1'], [2000, 2001])
    const later = setTimeout(() => network.ip('target', 'addr add 10.99.0.60/24 dev cable'), 3000)
    const { results } = await scan(ENGINES[0][2], { space, from: 0, to: 2, record: 'all' })
    clearTimeout(later)
    expect(results.map(({ state }) => state).sort()).toEqual(['closed', 'open'])
  })

  it('syn: a router that never answers is named, unless others do', async () => {
    network.ip('scanner', 'route replace 10.96.0.0/24 via 10.99.0.70')
    const make = () => ENGINES[0][2](500)
    const alone = spaceOf('tcp', ['10.96.0.1'], [2000])
    const attempt = scan(make, { space: alone, from: 0, to: 1, record: 'all' })
    await expect(attempt).rejects.toThrow('the router 10.99.0.70 does not answer')
    const both = spaceOf('tcp', ['10.96.0.1', network.v4.target], [2000, 2001])
    const { results } = await scan(make, { space: both, from: 0, to: 4, record: 'all' })
    expect(results.map(({ ip, state }) => `${ip} ${state}`).sort()).toEqual([
      '10.96.0.1 filtered',
      '10.96.0.1 filtered',
      '10.99.0.2 closed',
      '10.99.0.2 open',
    ])
  })

  it('syn: routers of the same address on two links are two routers', async () => {
    network.ip('scanner', `link add second netns ${network.scanner} type veth peer second netns ${network.target}`)
    for (const [end, own] of [
      ['scanner', 'fd95::1'],
      ['target', 'fd95::2'],
    ] as const) {
      network.ip(end, 'link set second up')
      network.ip(end, `addr add ${own}/64 dev second nodad`)
    }
    for (const [device, host] of [
      ['cable', 'fd93::1'],
      ['second', 'fd94::1'],
    ] as const) {
      network.ip('target', `addr add fe80::1/64 dev ${device} nodad`)
      network.ip('target', `addr add ${host}/128 dev lo nodad`)
      network.ip('scanner', `route add ${host}/128 via fe80::1 dev ${device}`)
    }
    const space = spaceOf('tcp', ['fd93::1', 'fd94::1'], [[2000, 2009]])
    const { batches } = await scan(ENGINES[0][2], { space, from: 0, to: space.size, record: 'all', retries: 1 })
    expect(batches.reduce((sum, { counts }) => sum + counts.closed, 0)).toBe(20)
  })
})
