/**
 * What every scanning engine must do, whatever is underneath. A test file per engine calls `engineConformance`; parts
 * that need a network of their own are skipped, and say so, without the privilege to build one.
 */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Batch,
  type Engine,
  LocalTrouble,
  type PortResult,
  type Reason,
  type ScanTask,
} from '#core/engine/engine.ts'
import { parseAddress } from '#core/target/address.ts'
import { setOfAddresses } from '#core/target/address-set.ts'
import { createProbeSpace } from '#core/target/create-probe-space.ts'
import type { ProbeSpace, Transport } from '#core/target/probe-space.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

export interface Implementation {
  readonly name: string
  readonly transport: Transport
  /** `patience`: how long this machine's link may be gone before LocalTrouble, ms. */
  make(options: { readonly patience: number }): Engine
  /** What an open and a closed port are called. */
  readonly open: Reason
  readonly closed: Reason
  /** Works on the loopback interface without privilege. */
  readonly loopback: boolean
  /** Reads ICMP, so tells one kind of refusal from another; can choose the interface. */
  readonly exact: boolean
}

const GO = new AbortController().signal

export function spaceOf(
  transport: Transport,
  hosts: readonly string[],
  ports: readonly (number | [number, number])[],
  seed = 1,
): ProbeSpace {
  const addresses = hosts.map((host) => {
    const parsed = parseAddress(host)
    if (!parsed.ok) throw new Error(host)
    return parsed.value
  })
  const ranges = ports.map((port) =>
    typeof port === 'number' ? { first: port, last: port } : { first: port[0], last: port[1] },
  )
  return createProbeSpace({ addresses: setOfAddresses(addresses), ports: ranges, transport, seed })
}

/** Runs a task to its end, checking on the way what must hold for every batch. */
export async function scanAll(
  engine: Engine,
  task: ScanTask,
  signal = GO,
): Promise<{ batches: Batch[]; results: PortResult[] }> {
  const batches: Batch[] = []
  const seen = new Set<number>()
  let upTo = task.from
  for await (const batch of engine.scan(task, signal)) {
    const { open, closed, filtered, openFiltered } = batch.counts
    expect(open + closed + filtered + openFiltered).toBe(batch.resolvedUpTo - upTo)
    upTo = batch.resolvedUpTo
    for (const { position } of batch.results) {
      expect(seen.has(position)).toBe(false)
      seen.add(position)
    }
    batches.push(batch)
  }
  return { batches, results: batches.flatMap((batch) => batch.results) }
}

const byPort = (results: readonly PortResult[]) =>
  Object.fromEntries(results.map(({ ip, port, state, reason }) => [`${ip} ${port}`, `${state} ${reason}`]))

/** A server that answers on `port` of `host` (0: any free one); made where the thread stands. */
export async function listen(transport: Transport, host: string, port = 0): Promise<{ port: number; close(): void }> {
  if (transport === 'udp') {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') })
    socket.on('message', (_, from) => socket.send('hello', from.port, from.address))
    socket.bind(port, host)
    await once(socket, 'listening')
    return { port: socket.address().port, close: () => socket.close() }
  }
  const server: Server = createServer((socket) => socket.on('error', () => {}))
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  return { port: address.port, close: () => server.close() }
}

export function engineConformance(implementation: Implementation): void {
  describe(`${implementation.name} engine`, () => {
    if (implementation.loopback) onLoopback(implementation)
    describe.runIf(canBuildNetworks)(`over a cable${networkNote}`, () => {
      const shared: { network?: Network; servers: { close(): void }[] } = { servers: [] }
      beforeAll(async () => {
        const network = new Network()
        shared.network = network
        for (const port of [2000, 2001, 2002, 2100]) {
          for (const host of [network.v4.target, network.v6.target])
            shared.servers.push(await network.inside('target', () => listen(implementation.transport, host, port)))
        }
        const { transport } = implementation
        network.firewall('target', {
          input: [
            `${transport} dport 3001 drop`,
            `${transport} dport 3002 reject with icmpx type admin-prohibited`,
            `${transport} dport 3003 reject with icmpx type host-unreachable`,
            `${transport} dport { 3100-3199, 5000-5999 } drop`,
          ],
          // Answers of port 2100 leave under another address: they are answers to a question nobody asked.
          output: [`${transport} sport 2100 ip saddr set 10.99.0.77`],
        })
      })
      afterAll(() => {
        for (const server of shared.servers) server.close()
        shared.network?.[Symbol.dispose]()
      })
      overCable(implementation, () => shared.network!)
      overNamedInterface(implementation, () => shared.network!)
    })
  })
}

function onLoopback({ make, transport, open, closed }: Implementation): void {
  it.each(['127.0.0.1', '::1'])('tells open from closed on %s, with reason and round trip', async (host) => {
    const server = await listen(transport, host)
    const gone = await listen(transport, host)
    gone.close()
    const space = spaceOf(
      transport,
      [host],
      [server.port, gone.port].sort((a, b) => a - b),
    )
    const { results, batches } = await scanAll(make({ patience: 500 }), { space, from: 0, to: 2, record: 'all' })
    expect(byPort(results)).toEqual({
      [`${host} ${server.port}`]: `open ${open}`,
      [`${host} ${gone.port}`]: `closed ${closed}`,
    })
    for (const { rtt } of results) expect(rtt).toBeGreaterThanOrEqual(0)
    expect(batches.at(-1)).toMatchObject({ resolvedUpTo: 2, stats: { received: 2, recallEstimate: 1 } })
    server.close()
  })

  it('ends an empty task with one batch', async () => {
    const space = spaceOf(transport, ['127.0.0.1'], [[1, 10]])
    const { batches } = await scanAll(make({ patience: 500 }), { space, from: 4, to: 4, record: 'all' })
    expect(batches.map((batch) => batch.resolvedUpTo)).toEqual([4])
  })
}

function overCable(implementation: Implementation, network: () => Network): void {
  const { make, transport, open, closed, exact } = implementation
  const silent = transport === 'udp' ? 'open|filtered no-response' : 'filtered no-response'
  const scan = (task: ScanTask, signal = GO) =>
    network().inside('scanner', () => scanAll(make({ patience: 600 }), task, signal))

  it.each(['v4', 'v6'] as const)('gives every port its state and its reason, %s', async (family) => {
    const { target } = network()[family]
    const space = spaceOf(transport, [target], [2000, 2003, 3001, 3002, 3003])
    const { results } = await scan({ space, from: 0, to: space.size, record: 'all', retries: 1 })
    expect(byPort(results)).toEqual({
      [`${target} 2000`]: `open ${open}`,
      [`${target} 2003`]: `closed ${closed}`,
      [`${target} 3001`]: silent,
      [`${target} 3002`]: exact ? 'filtered admin-prohibited' : expect.stringMatching(/^filtered /),
      [`${target} 3003`]: exact ? 'filtered host-unreach' : expect.stringMatching(/^filtered /),
    })
    for (const { rtt, reason } of results) expect(rtt === null, reason).toBe(reason === 'no-response')
  })

  it('records open ports alone when asked, and counts the rest', async () => {
    const space = spaceOf(transport, [network().v4.target], [[1990, 2009], 3001])
    const { results, batches } = await scan({ space, from: 0, to: space.size, record: 'open', retries: 1 })
    expect(results.map(({ port }) => port).sort()).toEqual([2000, 2001, 2002])
    const sum = (key: keyof Batch['counts']) => batches.reduce((total, batch) => total + batch.counts[key], 0)
    expect([sum('open'), sum('closed'), sum('filtered') + sum('openFiltered')]).toEqual([3, 17, 1])
    expect(batches.at(-1)?.stats.sent).toBeGreaterThanOrEqual(22)
  })

  it('goes on from a checkpoint: the two halves are the whole', async () => {
    const space = spaceOf(transport, [network().v4.target], [[1950, 2049]], 99)
    const whole = await scan({ space, from: 0, to: space.size, record: 'all' })
    const first = await scan({ space, from: 0, to: 37, record: 'all' })
    const second = await scan({ space, from: 37, to: space.size, record: 'all' })
    const positions = (results: PortResult[]) => results.map(({ position }) => position).sort((a, b) => a - b)
    expect(positions(first.results)).toEqual(Array.from({ length: 37 }, (_, i) => i))
    expect(positions(second.results)).toEqual(Array.from({ length: 63 }, (_, i) => i + 37))
    expect(byPort([...first.results, ...second.results])).toEqual(byPort(whole.results))
  })

  it('stops at once when aborted, and yields what is final', async () => {
    const space = spaceOf(transport, [network().v4.target], [[4000, 4999]])
    const stop = new AbortController()
    const batches: Batch[] = []
    let aborted = 0
    // Ten seconds in all: on a machine however busy, what is sent by half of that was not stopped at once.
    const task: ScanTask = { space, from: 0, to: space.size, record: 'all', rate: 100 }
    await network().inside('scanner', async () => {
      for await (const batch of make({ patience: 600 }).scan(task, stop.signal)) {
        batches.push(batch)
        if (batch.resolvedUpTo === 0 || stop.signal.aborted) continue
        aborted = performance.now()
        stop.abort()
      }
    })
    expect(performance.now() - aborted).toBeLessThan(5000)
    const { resolvedUpTo = 0, stats } = batches.at(-1) ?? {}
    expect(resolvedUpTo).toBeGreaterThan(0)
    expect(stats?.sent).toBeLessThan(500)
    expect(batches.reduce((sum, { results }) => sum + results.length, 0)).toBe(resolvedUpTo)
  })

  it('believes no answer from an address it did not ask', async () => {
    const { target } = network().v4
    const space = spaceOf(transport, [target], [2100])
    const { results } = await scan({ space, from: 0, to: 1, record: 'all', retries: 1, timeout: 100 })
    expect(byPort(results)).toEqual({ [`${target} 2100`]: silent })
  })

  it('keeps to its rate and to the host limit', async () => {
    const space = spaceOf(transport, [network().v4.target], [[4000, 4399]])
    const measure = async (limits: Partial<ScanTask>) => {
      const start = performance.now()
      await scan({ space, from: 0, to: space.size, record: 'open', ...limits })
      return 400_000 / (performance.now() - start)
    }
    for (const rate of [await measure({ rate: 800 }), await measure({ rate: 'max', perHostRate: 800 })]) {
      // A busy test machine may be much slower; bench/engines measures the rate itself.
      expect(rate).toBeGreaterThan(20)
      expect(rate).toBeLessThan(850)
    }
  })

  it('sends no more than a shared gate lets pass', async () => {
    const space = spaceOf(transport, [network().v4.target], [[4000, 4099]])
    let granted = 0
    const gate = {
      take: async (wanted: number) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        const count = Math.min(wanted, 7)
        granted += count
        return count
      },
    }
    const { batches } = await scan({ space, from: 0, to: space.size, record: 'open', gate })
    expect(batches.at(-1)?.stats.sent).toBeGreaterThanOrEqual(100)
    expect(batches.at(-1)?.stats.sent).toBeLessThanOrEqual(granted)
  })

  it('fails loudly when there is no way to any target', async () => {
    const space = spaceOf(transport, ['10.98.0.1', 'fd98::1'], [80])
    const attempt = scan({ space, from: 0, to: space.size, record: 'all' })
    await expect(attempt).rejects.toThrow(LocalTrouble)
    await expect(attempt).rejects.toMatchObject({ code: 'NO_ROUTE' })
  })

  it('refuses a source address that is not ours', async () => {
    const space = spaceOf(transport, [network().v4.target], [2000])
    const from = (sourceAddress: string) => scan({ space, from: 0, to: 1, record: 'all', sourceAddress })
    await expect(from('10.99.0.50')).rejects.toMatchObject({ name: 'LocalTrouble' })
    expect((await from(network().v4.scanner)).results).toMatchObject([{ state: 'open' }])
  })

  it('calls no port filtered because our own link went down', async () => {
    const space = spaceOf(transport, [network().v4.target], [[4000, 4999]])
    const engine = make({ patience: 600 })
    const seen: Batch[] = []
    const attempt = network().inside('scanner', async () => {
      for await (const batch of engine.scan({ space, from: 0, to: 1000, record: 'all', rate: 1000 }, GO)) {
        if (seen.push(batch) === 2) network().ip('scanner', 'link set cable down')
      }
    })
    await expect(attempt).rejects.toMatchObject({ name: 'LocalTrouble' })
    network().ip('scanner', 'link set cable up')
    network().ip('scanner', 'addr replace fd99::1/64 dev cable nodad')
    const states = new Set(seen.flatMap((batch) => batch.results.map((result) => result.state)))
    expect([...states]).toEqual(['closed'])
  })

  it('waits for a link that comes back, and then goes on', async () => {
    const space = spaceOf(transport, [network().v4.target], [[4000, 4499]])
    let batches = 0
    const results: PortResult[] = []
    await network().inside('scanner', async () => {
      for await (const batch of make({ patience: 5000 }).scan(
        { space, from: 0, to: 500, record: 'all', rate: 1000 },
        GO,
      )) {
        results.push(...batch.results)
        if (++batches !== 2) continue
        network().ip('scanner', 'link set cable down')
        setTimeout(() => {
          network().ip('scanner', 'link set cable up')
          network().ip('scanner', 'addr replace fd99::1/64 dev cable nodad')
        }, 300)
      }
    })
    expect(results.length).toBe(500)
    expect(new Set(results.map(({ state }) => state))).toEqual(new Set(['closed']))
  })
}

function overNamedInterface({ make, transport, exact }: Implementation, network: () => Network): void {
  const scan = (task: ScanTask) => network().inside('scanner', () => scanAll(make({ patience: 600 }), task))

  it('sends through the interface it is told to, or says why it cannot', async () => {
    const cables = `second netns ${network().scanner} type veth peer second netns ${network().target}`
    network().ip('scanner', `link add ${cables}`)
    for (const [end, address] of [
      ['scanner', '10.96.0.1/24'],
      ['target', '10.96.0.2/24'],
    ] as const) {
      network().ip(end, 'link set second up')
      network().ip(end, `addr add ${address} dev second`)
    }
    network().ip('scanner', 'route add 10.99.0.0/24 dev second metric 500')
    const sent = () =>
      Number(/"tx":\{"bytes":\d+,"packets":(\d+)/.exec(network().ip('scanner', '-s -j link show second'))?.[1])
    const space = spaceOf(transport, [network().v4.target], [[2000, 2019]])
    const through = (name: string) => scan({ space, from: 0, to: space.size, record: 'open', interface: name })
    const before = sent()
    if (exact) {
      expect((await through('second')).results.map(({ port }) => port).sort()).toEqual([2000, 2001, 2002])
      expect(sent() - before).toBeGreaterThanOrEqual(20)
    }
    await expect(through(exact ? 'absent0' : 'second')).rejects.toMatchObject({
      name: 'LocalTrouble',
      code: exact ? 'ENODEV' : 'NO_INTERFACE_CHOICE',
    })
    network().ip('scanner', 'link del second')
  })

  it('asks on which link a link-local address is meant', async () => {
    const local = /fe80:[0-9a-f:]+/.exec(network().ip('target', '-6 addr show dev cable'))?.[0] ?? ''
    const space = spaceOf(transport, [local, network().v4.target], [2003])
    const task = { space, from: 0, to: 2, record: 'all', retries: 1 } as const
    const anywhere = scan(task)
    await expect(anywhere).rejects.toMatchObject({ code: 'NO_INTERFACE' })
    await expect(anywhere).rejects.toThrow(`${local} may be on any link: name the interface`)
    if (!exact) return
    const { results } = await scan({ ...task, interface: 'cable' })
    expect(results.map(({ ip, state }) => `${ip} ${state}`).sort()).toEqual([
      `${network().v4.target} closed`,
      `${local} closed`,
    ])
  })
}
