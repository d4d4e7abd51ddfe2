/** Real sockets, in a network namespace of their own where the tests may make one. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { addressBehind, hasAddress } from '@portolan/cli/src/listeners/published-port.ts'
import { describeSockets, type Listener } from '@portolan/cli/src/listeners/read-listeners.ts'
import { parseCgroup } from '@portolan/cli/src/listeners/socket-owners.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'

const ISOLATED = spawnSync('unshare', ['-n', 'true']).status === 0
const name = `cl-${process.pid}`
const children: ChildProcess[] = []

const inside = (...command: string[]) => ['netns', 'exec', name, ...command]

/** A Node that binds what it is told, says when it is done, and stays. */
async function server(script: string): Promise<number> {
  const child = spawn('ip', inside(process.execPath, '-e', `${script}`), { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

const READY = `() => console.log('ready')`
const tcp = (port: number, host: string) =>
  `net.createServer().listen({ port: ${port}, host: '${host}', reusePort: true }, ${READY})`

async function listeners(...args: string[]): Promise<readonly Listener[]> {
  const printed = execFileSync('ip', inside(LAUNCHER, 'listeners', '--format', 'json', ...args), { encoding: 'utf8' })
  return JSON.parse(printed)
}

describe.runIf(ISOLATED)('sockets of a namespace', () => {
  const pids = { web: 0, twin: 0, dns: 0 }

  beforeAll(async () => {
    execFileSync('ip', ['netns', 'add', name])
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
    ;[pids.web, pids.twin, pids.dns] = await Promise.all([
      server(`${tcp(8080, '0.0.0.0')}`),
      server(`${tcp(8080, '127.0.0.1').replace(READY, `() => ${tcp(40_000, '::1')}`)}`),
      server(`require('dgram').createSocket('udp4').bind(53, '127.0.0.1', ${READY})`),
    ])
  })

  afterAll(async () => {
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill()
    await Promise.all(ends)
    execFileSync('ip', ['netns', 'del', name])
  })

  test('address, port, process, user and flags of every socket, in order', async () => {
    const found = await listeners()
    const brief = found.map(({ transport, ip, port, flags, processes }) => ({
      socket: `${transport} ${ip} ${port}`,
      flags,
      pids: processes.map(({ pid }) => pid),
    }))
    expect(brief).toEqual([
      { socket: 'tcp 0.0.0.0 8080', flags: ['wildcard', 'shared'], pids: [pids.web] },
      { socket: 'tcp 127.0.0.1 8080', flags: ['shared'], pids: [pids.twin] },
      { socket: 'tcp ::1 40000', flags: ['ephemeral'], pids: [pids.twin] },
      { socket: 'udp 127.0.0.1 53', flags: [], pids: [pids.dns] },
    ])
    expect(found[3]).toMatchObject({ user: 'root', uid: 0, usual: 'domain', processes: [{ name: 'node' }] })
  })

  test('some ports, one transport', async () => {
    expect((await listeners('8080', '--udp')).length).toBe(0)
    expect((await listeners('domain/udp', '40000')).map(({ port }) => port)).toEqual([40_000, 53])
  })

  test('a table for people, and the one question people ask', () => {
    const run = (...args: string[]) => execFileSync('ip', inside(LAUNCHER, ...args), { encoding: 'utf8' })
    expect(run('listeners')).toMatch(
      new RegExp(`tcp +0\\.0\\.0\\.0:8080 +http.*\\? +root +node \\(${pids.web}\\) .*wildcard shared\\n`),
    )
    expect(run('explain', '53', '--here')).toMatch(
      new RegExp(`^53/udp: node \\(pid ${pids.dns}\\).*, user root, on 127\\.0\\.0\\.1\\n$`),
    )
    expect(run('explain', '54', '--here')).toBe('54/tcp and udp: nothing listens on it on this machine\n')
  })

  test('--watch tells what comes and what goes', async () => {
    const watch = spawn(
      'ip',
      inside(LAUNCHER, 'listeners', '9090', '--watch', '--interval', '0.1', '--format', 'ndjson'),
    )
    const lines = createInterface({ input: watch.stdout })[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value ?? 'null')
    // It looks before it says anything; the first look is over when the second process can be seen to come.
    await server(tcp(9090, '127.0.0.1'))
    const first = await next()
    expect(first).toMatchObject({ event: expect.stringMatching(/^(listening|opened)$/), ip: '127.0.0.1', port: 9090 })
    const gone = children.pop()
    gone?.kill()
    expect(await next()).toMatchObject({ event: 'closed', port: 9090, processes: first.processes })
    watch.kill()
    expect((await once(watch, 'exit'))[1]).toBe('SIGTERM')
  })

  test('--watch ends when nobody reads any more, whether or not anything happens', async () => {
    const watched = `${LAUNCHER} listeners --watch --interval 3600 | head -1; echo \${PIPESTATUS[@]}`
    const child = spawn('ip', inside('bash', '-c', watched), { stdio: ['ignore', 'pipe', 'inherit'], timeout: 30_000 })
    expect(await text(child.stdout)).toMatch(/^PROTO .*\n0 0\n$/)
  }, 40_000)
})

const owner = (pid: number) => ({ pid, name: 'x', unit: null, container: null })
const around = { users: new Map(), ephemeral: { first: 32_768, last: 60_999 } }
const socket = (ip: string, inode: string) => ({ transport: 'tcp', ip, port: 80, inode, uid: 0 }) as const

test('a process and its children on one socket are one server; so are both families of one', () => {
  const owners = new Map([
    ['1', [owner(10), owner(11)]],
    ['2', [owner(12)]],
  ])
  const flags = (...sockets: ReturnType<typeof socket>[]) =>
    describeSockets(sockets, { ...around, owners }).map((one) => one.flags.includes('shared'))
  expect(flags(socket('0.0.0.0', '1'))).toEqual([false])
  expect(flags(socket('0.0.0.0', '1'), socket('::', '2'))).toEqual([false, false])
  expect(flags(socket('127.0.0.1', '1'), socket('127.0.0.2', '2'))).toEqual([false, false])
  expect(flags(socket('10.0.0.1', '1'), socket('10.0.0.1', '2'))).toEqual([true, true])
})

// As a container that Docker 20.10 made, and its proxy, said it.
const TRIE = `Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 172.31.77.0/24 2 0 2
        +-- 172.31.77.0/30 2 0 2
           |-- 172.31.77.0
              /24 link UNICAST
           |-- 172.31.77.2
              /32 host LOCAL
        |-- 172.31.77.255
           /32 link BROADCAST
`
const INET6 = 'fd0000000000000000000000000000a2 08 40 00 80     eth0\n'

test("Docker's proxy leads to the container that has the address it was given", () => {
  const words =
    '/usr/bin/docker-proxy -proto tcp -host-ip :: -host-port 8088 -container-ip 172.31.77.2 -container-port 80'
  expect(addressBehind(`${words.replaceAll(' ', '\0')}\0`)).toBe('172.31.77.2')
  expect(addressBehind('docker-proxy\0-container-ip\0')).toBeNull()
  const has = (address: string) => hasAddress(address, { trie: TRIE, inet6: INET6 })
  expect(['172.31.77.2', '172.31.77.0', '172.31.77.255', '72.31.77.2', 'fd00::a2', 'fd00::a'].map(has)).toEqual([
    ...[true, false, false, false],
    ...[true, false],
  ])
})

const ID = '3f'.repeat(32)
test.each([
  ['0::/system.slice/ssh.service\n', { unit: 'ssh.service', container: null }],
  [
    '0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service\n',
    { unit: 'web.service', container: null },
  ],
  [`0::/system.slice/docker-${ID}.scope\n`, { unit: null, container: '3f3f3f3f3f3f' }],
  [`12:pids:/docker/${ID}\n1:name=systemd:/docker/${ID}\n`, { unit: null, container: '3f3f3f3f3f3f' }],
  [`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`, { unit: null, container: '3f3f3f3f3f3f' }],
  [`0::/user.slice/libpod-${ID}.scope/container\n`, { unit: null, container: '3f3f3f3f3f3f' }],
  ['0::/lxc.payload.mail/system.slice/postfix.service\n', { unit: null, container: 'mail' }],
  ['0::/\n', { unit: null, container: null }],
  ['', { unit: null, container: null }],
])('%j', (text, expected) => expect(parseCgroup(text)).toEqual(expected))

test('wrong usage is refused', async () => {
  const { code, stderr } = await runPortolan(['listeners', 'nosuchservice'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('nosuchservice')])
})
