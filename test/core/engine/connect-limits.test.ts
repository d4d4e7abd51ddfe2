import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import { listen, scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

const run = promisify(execFile)
const GO = new AbortController().signal

describe.runIf(process.platform === 'linux')('the connect engine within what the machine gives', () => {
  it.each(['epoll', 'node'])(
    '%s: out of file descriptors it goes slower, and no port changes its state',
    async (variant) => {
      const server = await listen('tcp', '127.0.0.1')
      const first = Math.max(1, Math.min(server.port - 300, 65_000))
      const script = path.resolve(import.meta.dirname, '../../support/scan-with-few-files.ts')
      const { stdout } = await run('prlimit', [
        '--nofile=64:64',
        process.execPath,
        script,
        variant,
        `${first}`,
        `${first + 599}`,
      ])
      const { open, closed, filtered } = JSON.parse(stdout)
      expect(open).toBeGreaterThanOrEqual(1)
      expect([open + closed, filtered]).toEqual([600, 0])
      server.close()
    },
  )

  it('meets its own sockets on loopback without taking them for services', async () => {
    // Every port the engine may be given as a source port, none of which listens.
    const space = spaceOf('tcp', ['127.0.0.1'], [[32_768, 60_999]])
    const listening = await openPorts()
    const { results } = await scanAll(createConnectEngine(), { space, from: 0, to: space.size, record: 'open' })
    const appeared = new Set([...listening, ...(await openPorts())])
    expect(results.filter(({ port }) => !appeared.has(port))).toEqual([])
  })

  it('lets the event loop turn while it works', async () => {
    const space = spaceOf('tcp', ['127.0.0.1'], [[1, 20_000]])
    // In processor time of our own: how long others keep the processor is not the engine's doing.
    const gaps: number[] = []
    let last = process.cpuUsage()
    const timer = setInterval(() => {
      const { user, system } = process.cpuUsage(last)
      last = process.cpuUsage()
      gaps.push((user + system) / 1000)
    }, 1)
    await scanAll(createConnectEngine(), { space, from: 0, to: space.size, record: 'open' })
    clearInterval(timer)
    gaps.sort((a, b) => a - b)
    expect(gaps.length).toBeGreaterThan(10)
    expect(gaps[Math.floor(gaps.length * 0.9)]).toBeLessThan(15)
  })

  it('is not confused by a clock that leaps, either way', async () => {
    const server = await listen('tcp', '127.0.0.1')
    let offset = 0
    const leaps = setInterval(() => {
      offset += Math.random() < 0.5 ? 3_600_000 : -3_600_000
    }, 3)
    const clock = () => performance.now() + offset
    const space = spaceOf('tcp', ['127.0.0.1'], [[1, 3000], server.port])
    const { results, batches } = await scanAll(createConnectEngine({ clock }), {
      space,
      from: 0,
      to: space.size,
      record: 'all',
      rate: 20_000,
    })
    clearInterval(leaps)
    expect(results.some(({ port, state }) => port === server.port && state === 'open')).toBe(true)
    expect(new Set(results.map(({ state }) => state))).toEqual(new Set(['open', 'closed']))
    expect(batches.at(-1)?.stats.sent).toBe(space.size)
    server.close()
  })

  it('goes on finding while its caller is busy', async () => {
    const space = spaceOf('tcp', ['127.0.0.1'], [[1, 2000]])
    const upTo: number[] = []
    for await (const batch of createConnectEngine().scan({ space, from: 0, to: 2000, record: 'all' }, GO)) {
      upTo.push(batch.resolvedUpTo)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(upTo.at(-1)).toBe(2000)
    expect(upTo.length).toBeLessThan(5)
  })

  it('closes everything when its caller leaves the loop', async () => {
    const space = spaceOf('tcp', ['127.0.0.1'], [[1, 60_000]])
    for await (const _ of createConnectEngine().scan({ space, from: 0, to: space.size, record: 'all' }, GO)) break
    const again = await scanAll(createConnectEngine(), { space, from: 0, to: 10, record: 'all' })
    expect(again.results.length).toBe(10)
  })

  describe.runIf(canBuildNetworks)(`with a hundred ephemeral ports${networkNote}`, () => {
    it.each(['epoll', 'node'] as const)('%s: probes thousands of ports of one host', async (variant) => {
      using network = new Network()
      network.sysctl('scanner', 'net.ipv4.ip_local_port_range', '40000 40099')
      const space = spaceOf('tcp', [network.v4.target], [[1, 3000]])
      const { batches, results } = await network.inside('scanner', () =>
        scanAll(createConnectEngine({ variant, sockets: 1000 }), { space, from: 0, to: space.size, record: 'all' }),
      )
      expect(new Set(results.map(({ state, reason }) => `${state} ${reason}`))).toEqual(
        new Set(['closed conn-refused']),
      )
      expect(batches.at(-1)?.stats.received).toBe(3000)
    })
  })
})

/** Ports this machine listens on, by the kernel's own word. */
async function openPorts(): Promise<Set<number>> {
  const { stdout } = await run('cat', ['/proc/net/tcp', '/proc/net/tcp6'])
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/))
  return new Set(
    lines.filter((cells) => cells[3] === '0A').map((cells) => Number.parseInt(cells[1]?.split(':').at(-1) ?? '', 16)),
  )
}
