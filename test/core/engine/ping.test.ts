import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalTrouble } from '#core/engine/engine.ts'
import { type LiveHost, type PingTask, ping } from '#core/engine/ping.ts'
import { parseAddress } from '#core/target/address.ts'
import { pointOf, setOf } from '#core/target/address-set.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

const run = promisify(execFile)

function range(first: string, count: number) {
  const parsed = parseAddress(first)
  if (!parsed.ok) throw new Error(first)
  const point = pointOf(parsed.value)
  return { first: point, last: point + BigInt(count - 1) }
}

const task = (...spans: { first: bigint; last: bigint }[]): PingTask => ({
  addresses: setOf(spans),
  retries: 1,
  timeout: 150,
})

async function discover(work: PingTask): Promise<Record<string, string>> {
  const found: LiveHost[] = []
  for await (const hosts of ping(work, new AbortController().signal)) found.push(...hosts)
  expect(new Set(found.map(({ ip }) => ip)).size).toBe(found.length)
  return Object.fromEntries(found.map(({ ip, reason }) => [ip, reason]))
}

describe.runIf(process.platform === 'linux')('ping', () => {
  it('finds this machine by whatever this process may use', async () => {
    expect(Object.keys(await discover(task(range('127.0.0.1', 3), range('::1', 1)))).sort()).toEqual([
      '127.0.0.1',
      '127.0.0.2',
      '127.0.0.3',
      '::1',
    ])
  })

  describe.runIf(canBuildNetworks)(`over a cable${networkNote}`, () => {
    let network: Network
    /** Behind the target as a router: the addresses of a host each, and what its firewall lets in. */
    const remote: readonly (readonly [address: string, rule: string, reason: string])[] = [
      ['10.97.0.1', 'accept', 'echo-reply'],
      ['10.97.0.2', 'ip protocol icmp drop', 'conn-refused'],
      ['10.97.0.3', 'ip protocol icmp drop; tcp flags syn drop', 'reset'],
      ['10.97.0.4', 'icmp type echo-request drop; ip protocol tcp drop', 'timestamp-reply'],
      ['10.97.0.5', 'ip protocol icmp drop; ip protocol tcp drop', 'port-unreach'],
      ['10.97.0.6', 'drop', ''],
    ]
    beforeAll(() => {
      network = new Network()
      network.ip('scanner', 'route add 10.97.0.0/24 via 10.99.0.2')
      network.ip('target', 'addr add 10.99.0.7/24 dev cable')
      for (const [address] of remote) network.ip('target', `addr add ${address}/32 dev lo`)
      const input = remote.flatMap(([address, rule]) => rule.split('; ').map((each) => `ip daddr ${address} ${each}`))
      // On the link a firewall hides nobody.
      network.firewall('target', { input: ['ip daddr 10.99.0.7 drop', ...input] })
    })
    afterAll(() => network?.[Symbol.dispose]())

    it('asks neighbours on the link who has an address, and finds those that drop every packet', async () => {
      const found = await network.inside('scanner', () => discover(task(range('10.99.0.1', 20), range('fd99::1', 20))))
      const { '10.99.0.1': own, 'fd99::1': own6, ...others } = found
      expect([own, own6]).toEqual(['echo-reply', 'echo-reply'])
      expect(others).toEqual({ '10.99.0.2': 'arp-response', '10.99.0.7': 'arp-response', 'fd99::2': 'nd-response' })
    })

    it('finds a distant host by whichever way its firewall leaves open', async () => {
      const found = await network.inside('scanner', () => discover(task(range('10.97.0.1', 8))))
      expect(found).toEqual(Object.fromEntries(remote.flatMap(([ip, , reason]) => (reason ? [[ip, reason]] : []))))
    })

    it('does without privilege what can be done without', async () => {
      const script = path.resolve(import.meta.dirname, '../../support/ping-without-privilege.ts')
      const { stdout } = await run('ip', ['netns', 'exec', network.scanner, process.execPath, script, '10.97.0.1', '6'])
      expect(JSON.parse(stdout)).toEqual({
        '10.97.0.1': 'conn-refused',
        '10.97.0.2': 'conn-refused',
        '10.97.0.3': 'port-unreach',
        '10.97.0.4': 'port-unreach',
        '10.97.0.5': 'port-unreach',
      })
    })

    it('stops when told to, and says when there is no way at all', async () => {
      const stop = new AbortController()
      setTimeout(() => stop.abort(), 100)
      const start = performance.now()
      const slow = { ...task(range('10.97.0.1', 250)), rate: 50 }
      await network.inside('scanner', async () => {
        for await (const _ of ping(slow, stop.signal)) expect(performance.now() - start).toBeLessThan(400)
      })
      expect(performance.now() - start).toBeLessThan(400)
      const nowhere = network.inside('scanner', () =>
        discover({ ...task(range('10.97.0.1', 1)), interface: 'absent0' }),
      )
      await expect(nowhere).rejects.toThrow(LocalTrouble)
    })
  })
})
