/** The SYN engine against real kernels and made-up networks that mean no good. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalTrouble } from '#core/engine/engine.ts'
import { maySendRaw } from '#core/engine/select-engine.ts'
import { createSynEngine } from '#core/engine/syn-engine.ts'
import { listen, scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

const RUNNER = path.join(import.meta.dirname, '../../../bench/engines/run.js')
const GO = new AbortController().signal

describe.runIf(canBuildNetworks)(`syn engine under attack and in trouble${networkNote}`, () => {
  let network: Network
  const servers: { close(): void }[] = []
  beforeAll(async () => {
    network = new Network()
    servers.push(await network.inside('target', () => listen('tcp', network.v4.target, 2000)))
  })
  afterAll(() => {
    for (const server of servers) server.close()
    network[Symbol.dispose]()
  })
  const engine = (patience = 1500) => createSynEngine({ inline: true, patience })

  it('is not told lies by forged SYN-ACKs and ICMP errors sent as fast as the target can', async () => {
    // Forgers do not know the cookie: ports and sequence numbers are guesses.
    const forger = spawn('ip', ['netns', 'exec', network.target, 'python3', '-c', FORGER], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(forger.stdout, 'data')
    const space = spaceOf('tcp', [network.v4.target], [[1001, 3000]])
    const task = { space, from: 0, to: space.size, record: 'all', rate: 4000 } as const
    const { results, batches } = await network.inside('scanner', () => scanAll(engine(), task))
    forger.kill('SIGKILL')
    expect(results.filter(({ state }) => state === 'open').map(({ port }) => port)).toEqual([2000])
    expect(results.filter(({ state }) => state === 'filtered')).toEqual([])
    // Most guesses miss our ports, and the kernel keeps those from us; on a busy machine few are made at all.
    expect(batches.at(-1)?.stats.invalid).toBeGreaterThan(0)
  })

  it('fails loudly when the interface vanishes, says why, and calls nothing filtered', async () => {
    const gone = new Network()
    const space = spaceOf('tcp', [gone.v4.target], [[4000, 6999]])
    const states = new Set<string>()
    const attempt = gone.inside('scanner', async () => {
      const task = { space, from: 0, to: space.size, record: 'all', rate: 2000 } as const
      let batches = 0
      // Longer than it takes to notice that nobody answers any more: that is true as well, and tells less.
      for await (const { results } of engine(3000).scan(task, GO)) {
        for (const { state } of results) states.add(state)
        if (++batches === 2) gone.ip('scanner', 'link del cable')
      }
    })
    await expect(attempt).rejects.toBeInstanceOf(LocalTrouble)
    await expect(attempt).rejects.toMatchObject({ code: 'NO_ROUTE', message: expect.stringContaining('no route') })
    gone[Symbol.dispose]()
    expect([...states]).toEqual(['closed'])
  })

  it('asks again what it asked while the target’s side of the path was dead', async () => {
    const space = spaceOf('tcp', [network.v4.target], [[4000, 6999]])
    const task = { space, from: 0, to: space.size, record: 'open', rate: 3000 } as const
    const timers: NodeJS.Timeout[] = []
    const { batches } = await network.inside('scanner', () => {
      timers.push(setTimeout(() => network.firewall('target', { input: ['tcp dport 1-65535 drop'] }), 250))
      timers.push(setTimeout(() => network.firewall('target', {}), 2000))
      return scanAll(engine(8000), task)
    })
    expect(batches.reduce((sum, { counts }) => sum + counts.closed, 0)).toBe(3000)
  })

  it('finds hosts that are not on the link by nobody answering for them', async () => {
    const space = spaceOf('tcp', [network.v4.target, '10.99.0.77'], [2000])
    const task = { space, from: 0, to: 2, record: 'all' } as const
    const { results } = await network.inside('scanner', () => scanAll(engine(), task))
    const said = Object.fromEntries(results.map(({ ip, state, reason }) => [ip, `${state} ${reason}`]))
    expect(said).toEqual({ [network.v4.target]: 'open syn-ack', '10.99.0.77': 'filtered host-unreach' })
  })

  it.runIf(existsSync('/dev/net/tun'))(
    'scans through a tunnel that has no Ethernet, and finds all of a lossy network',
    async () => {
      const ran = spawn('bash', ['-c', TUNNEL], {
        env: { ...process.env, ID: `ptl-tun-${process.pid}`, RUNNER, NODE: process.execPath },
      })
      let text = ''
      ran.stdout.on('data', (data) => {
        text += data
      })
      await new Promise((resolve) => ran.on('close', resolve))
      const [found = '', truth = ''] = text.split('--- truth\n')
      expect(found.replaceAll(' open', '').split('\n').filter(Boolean).sort()).toEqual(
        truth.split('\n').filter(Boolean).sort(),
      )
      expect(truth.split('\n').length).toBeGreaterThan(100)
    },
  )

  it('goes on where it stood after being stopped', async () => {
    const args = [
      'netns',
      'exec',
      network.scanner,
      process.execPath,
      RUNNER,
      network.v4.target,
      '-p',
      '4000-6999',
      '--rate',
      '2000',
    ]
    const scanner = spawn('ip', args)
    let stats = ''
    scanner.stderr.on('data', (data) => {
      stats += data
    })
    setTimeout(() => scanner.kill('SIGSTOP'), 700)
    setTimeout(() => scanner.kill('SIGCONT'), 2200)
    await new Promise((resolve) => scanner.on('close', resolve))
    expect(JSON.parse(stats)).toMatchObject({ closed: 3000, filtered: 0, resolvedUpTo: 3000 })
  })
})

describe('syn engine without the privilege', () => {
  it.runIf(!maySendRaw() && process.platform === 'linux')('says what it lacks, before anything is sent', async () => {
    const space = spaceOf('tcp', ['127.0.0.1'], [1])
    const attempt = scanAll(createSynEngine({ inline: true }), { space, from: 0, to: 1, record: 'all' })
    await expect(attempt).rejects.toMatchObject({ code: 'NO_CAP_NET_RAW' })
  })

  it.runIf(canBuildNetworks)('says the same when root has given it away', async () => {
    const dropped = ['--drop=cap_net_raw', '--', '-c', `exec ${process.execPath} ${RUNNER} 127.0.0.1 -p 1`]
    const child = spawn('capsh', dropped)
    let text = ''
    child.stderr.on('data', (data) => {
      text += data
    })
    const started = await new Promise((resolve) => {
      child.on('error', () => resolve(false))
      child.on('close', () => resolve(true))
    })
    if (started) expect(text).toContain('CAP_NET_RAW')
  })
})

const FORGER = `
import random, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
own, there = socket.inet_aton('10.99.0.2'), socket.inet_aton('10.99.0.1')
head = lambda proto, size: struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + size, 0, 0, 64, proto, 0, own, there)
sent = 0
while True:
    port, mine, number = random.randrange(1001, 3001), random.randrange(16384, 65536), random.getrandbits(32)
    s.sendto(head(6, 20) + struct.pack('>HHIIBBHHH', port, mine, 1, number, 0x50, 0x12, 65535, 0, 0), ('10.99.0.1', 0))
    quoted = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 60, 0, 0, 64, 6, 0, there, own) + struct.pack('>HHI', mine, port, number)
    s.sendto(head(1, 36) + struct.pack('>BBHI', 3, 13, 0, 0) + quoted, ('10.99.0.1', 0))
    if sent == 100: print('going', flush=True)
    sent += 1
`

const TUNNEL = `
export NETSIM_NS=$ID NETSIM_DIR=$(mktemp -d)
netsim=$(dirname "$RUNNER")/../netsim/netsim.sh
bash "$netsim" up --tun --rtt 20 --jitter 5 --loss 0.02 --open 0.05 --seed $$ >/dev/null 2>&1
timeout 20 bash "$netsim" exec "$NODE" "$RUNNER" 198.18.0.0/28 -p 1-200 --rate 10000 2>/dev/null
echo '--- truth'
bash "$netsim" list 198.18.0.0 16 1 200
bash "$netsim" down >/dev/null 2>&1
rm -r "$NETSIM_DIR"
`
