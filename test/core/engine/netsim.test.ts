/** Every engine against a simulated internet that knows the truth: both families, with and without Ethernet, lossy. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import type { Engine, EngineStats, ScanTask } from '#core/engine/engine.ts'
import { ping } from '#core/engine/ping.ts'
import { createSynEngine } from '#core/engine/syn-engine.ts'
import { createUdpEngine } from '#core/engine/udp-engine.ts'
import { parseTargets } from '#core/target/target-spec.ts'
import { scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canSimulate, Netsim, netsimNote } from '#test/support/netsim.ts'

const ENGINES: readonly (readonly ['tcp' | 'udp', string, () => Engine])[] = [
  ['tcp', 'syn', () => createSynEngine()],
  ['tcp', 'connect', createConnectEngine],
  ['udp', 'udp', createUdpEngine],
]
const FIRST = { v4: '198.18.0.16', v6: 'fd12::c612:10' } as const
const HOSTS = { v4: (i: number) => `198.18.0.${16 + i}`, v6: (i: number) => `fd12::c612:${(16 + i).toString(16)}` }
const [MANY, HIGH] = [12, 60]

async function compare(site: Netsim, family: 'v4' | 'v6', [transport, , make]: (typeof ENGINES)[number]) {
  const hosts = Array.from({ length: MANY }, (_, i) => HOSTS[family](i))
  const space = spaceOf(transport, hosts, [[1, HIGH]])
  const task: ScanTask = { space, from: 0, to: space.size, record: 'all' }
  const { results, batches } = await site.inside(() => scanAll(make(), task))
  const found = results.filter(({ state }) => state === 'open').map(({ ip, port }) => `${ip} ${port}`)
  const truth = site.truth({ first: FIRST[family], hosts: MANY, low: 1, high: HIGH }, transport)
  return { found: found.sort(), truth: [...truth].sort(), stats: batches.at(-1)?.stats, results }
}

describe.runIf(canSimulate)(`engines in a simulated internet${netsimNote}`, { timeout: 60_000 }, () => {
  describe.each([
    ['behind a router', '--rtt 5 --jitter 3 --loss 0.01 --open 0.1 --filtered 0.1 --admin 0.5 --seed 11'],
    ['through a tunnel without Ethernet', '--tun --rtt 5 --loss 0.01 --open 0.1 --filtered 0.1 --seed 12'],
  ])('%s', (_, options) => {
    let site: Netsim
    beforeAll(() => {
      site = new Netsim(options)
    })
    afterAll(() => site?.[Symbol.dispose]())

    it.each(ENGINES.flatMap((engine) => (['v4', 'v6'] as const).map((family) => [engine[1], family, engine] as const)))(
      '%s finds what is open over IP%s, and nothing else',
      async (_name, family, engine) => {
        const { found, truth } = await compare(site, family, engine)
        expect(truth.length).toBeGreaterThan(40)
        expectAlmostAll(found, truth)
      },
    )

    it.each(['198.18.0.16/30', 'fd12::c612:10/126'])('ping finds the hosts of %s', async (block) => {
      const parsed = parseTargets([block])
      if (!parsed.ok) throw new Error(block)
      const found: string[] = []
      await site.inside(async () => {
        const task = { addresses: parsed.targets.literal }
        for await (const hosts of ping(task, AbortSignal.timeout(30_000))) found.push(...hosts.map(({ ip }) => ip))
      })
      expect(found.length).toBe(4)
    })
  })

  it.each([
    ['0', '--loss 0'],
    ['1 %', '--loss 0.01'],
    ['5 %', '--loss 0.05'],
    ['15 %', '--loss 0.15'],
  ])('loss of %s each way is told as it is, and so is what was missed', async (_, options) => {
    using site = new Netsim(`--rtt 4 ${options} --open 0.1 --seed 5`)
    const loss = 1 - (1 - Number(options.split(' ')[1])) ** 2
    for (const engine of ENGINES.slice(0, 2)) {
      const { found, truth, stats, results } = await compare(site, 'v4', engine)
      expectAlmostAll(found, truth)
      const answered = results.filter(({ reason }) => reason !== 'no-response').length / results.length
      expectHonest(stats, { loss, recall: answered })
    }
  })

  it('a scan of the command line names the hosts on which everything opens, and asks none of them what it runs', async () => {
    using site = new Netsim('--rtt 1 --open 0.05 --tarpits 0.2 --seed 3')
    const main = path.resolve(import.meta.dirname, '../../../packages/cli/src/main.ts')
    const args = ['scan', '198.18.0.0-198.18.0.15', '-p', '1-100', '--no-services', '--format', 'json']
    const command = ['netns', 'exec', site.namespace, process.execPath, main, ...args]
    const { stdout, stderr } = await promisify(execFile)('ip', command, { maxBuffer: 1 << 24 })
    const { results, summary } = JSON.parse(stdout)
    const everything = Array.from({ length: 16 }, (_, i) => `198.18.0.${i}`).filter(
      (first) => site.truth({ first, hosts: 1, low: 1, high: 100 }).length === 100,
    )
    expect(everything.length).toBeGreaterThan(1)
    expect([...summary.allPortsOpen].sort()).toEqual([...everything].sort())
    expect(stderr).toContain('open on every port, control ports included')
    const doubted = new Set(
      results.filter((r: { allPortsOpen?: true }) => r.allPortsOpen).map((r: { ip: string }) => r.ip),
    )
    expect([...doubted].sort()).toEqual([...everything].sort())
  })
})

/**
 * Nothing that is not open, and all of what is, but for one port at most: where packets get lost, tries are as many as
 * let one task in a hundred miss one port (`triesWanted`).
 */
function expectAlmostAll(found: readonly string[], truth: readonly string[]): void {
  expect(truth).toEqual(expect.arrayContaining([...found]))
  expect(truth.length - found.length).toBeLessThanOrEqual(1)
  expect(new Set(found).size).toBe(found.length)
}

/** Within what some hundreds of answers can tell. */
function expectHonest(stats: EngineStats | undefined, { loss, recall }: { loss: number; recall: number }): void {
  const { lossEstimate = -1, recallEstimate = -1, sent = 0 } = stats ?? {}
  const spread = 4 * Math.sqrt((loss * (1 - loss)) / sent)
  expect(Math.abs(lossEstimate - loss)).toBeLessThan(0.02 + spread + loss * 0.25)
  expect(Math.abs(recallEstimate - recall)).toBeLessThan(0.005)
}
