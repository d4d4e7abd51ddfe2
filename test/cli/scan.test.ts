import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

/** An SSH server as far as a scanner is concerned, and a port that says nothing. */
const servers: Server[] = []
let ssh = 0
let silent = 0
let closed = 0
let folder = ''

async function listen(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    greet(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  ssh = await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'))
  silent = await listen((socket) => socket.destroy())
  const gone = createServer()
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
  const address = gone.address()
  closed = typeof address === 'object' && address ? address.port : 0
  await new Promise((resolve) => gone.close(resolve))
  folder = mkdtempSync(path.join(tmpdir(), 'portolan-cli-'))
})

afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

const json = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe.each(['connect', 'auto'])('engine %s', (engine) => {
  test('finds open ports, names what answers, and lists closed ones on request', async () => {
    const ports = `${ssh},${closed}`
    const { code, stdout, stderr } = await runPortolan([
      'scan',
      '127.0.0.1',
      '-p',
      ports,
      '--format',
      'ndjson',
      '--all',
      '--engine',
      engine,
      '--timeout',
      '500',
    ])
    expect(stderr).toMatch(/1 address, 2 ports: 1 open, 1 closed/)
    expect(code).toBe(0)
    const found = json(stdout).sort((a, b) => (a.state < b.state ? 1 : -1))
    expect(found).toMatchObject([
      {
        ip: '127.0.0.1',
        port: ssh,
        transport: 'tcp',
        state: 'open',
        service: { name: 'ssh', product: 'OpenSSH', version: '9.2p1', method: 'probed', tls: null },
      },
      { ip: '127.0.0.1', port: closed, state: 'closed', service: null },
    ])
    expect(Object.keys(found[0])).toEqual(['ip', 'port', 'transport', 'state', 'reason', 'rtt', 'service'])
    expect(Object.keys(found[0].service)).toEqual([
      'name',
      'product',
      'version',
      'info',
      'cpe',
      'tls',
      'method',
      'confidence',
    ])
  })
})

const connect = (...args: readonly string[]) => ['scan', ...args, '--engine', 'connect']

test('--no-services asks nobody: a name comes from the port table at most', async () => {
  const { stdout } = await runPortolan(connect('127.0.0.1', '-p', `${ssh}`, '--no-services', '--format', 'ndjson'))
  expect(json(stdout)[0].service?.method ?? 'table').toBe('table')
})

test('a table for people: the name, its version, and no escape codes when piped', async () => {
  const { stdout, stderr } = await runPortolan(connect('localhost', '-4', '-p', `${ssh},${silent},${closed}`))
  expect(stdout).toMatch(/^127\.0\.0\.1 \(localhost\)\nPORT +STATE +SERVICE +VERSION\n/)
  expect(stdout).toMatch(new RegExp(`${ssh}/tcp +open +ssh +OpenSSH 9\\.2p1`))
  expect(stdout).toMatch(new RegExp(`${closed}/tcp +closed`))
  expect(stdout + stderr).not.toContain('\x1b')
})

test('--open hides the rest; FORCE_COLOR colours; --plain does not', async () => {
  const args = connect('127.0.0.1', '-p', `${ssh},${closed}`, '--open', '--no-services')
  const coloured = await runPortolan(args, { env: { FORCE_COLOR: '1' } })
  expect(coloured.stdout).toContain('\x1b[32mopen')
  expect(coloured.stdout).not.toContain('closed')
  expect((await runPortolan([...args, '--plain'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain('\x1b')
  expect((await runPortolan(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain('\x1b')
})

test('-v says why a port has its state and how the scan was done', async () => {
  const { stdout, stderr } = await runPortolan(connect('127.0.0.1', '-p', `${closed}`, '-v', '--seed', '7'))
  expect(stdout).toMatch(/PORT +STATE +REASON/)
  expect(stdout).toMatch(/closed +conn-refused [\d.]+ ms/)
  expect(stderr).toContain('Engine connect, seed 7.')
})

test('defaults come from the configuration file and the environment; what is typed goes before', async () => {
  const file = path.join(folder, 'config.json')
  writeFileSync(file, JSON.stringify({ scan: { ports: closed, 'no-services': true, format: 'ndjson', all: true } }))
  const env = { PORTOLAN_CONFIG: file, PORTOLAN_ENGINE: 'connect' }
  expect(json((await runPortolan(['scan', '127.0.0.1', '-v'], { env })).stdout)).toMatchObject([{ port: closed }])
  expect(json((await runPortolan(['scan', '127.0.0.1', '-p', `${ssh}`], { env })).stdout)).toMatchObject([
    { port: ssh },
  ])
  for (const exclude of ['127.0.0.1', ['127.0.0.1']]) {
    writeFileSync(file, JSON.stringify({ scan: { exclude } }))
    expect((await runPortolan(['scan', '127.0.0.0/31', '--list'], { env })).stdout).toBe('127.0.0.0\n')
  }
  writeFileSync(file, '{"scan":{"speed":1}}')
  const { code, stderr } = await runPortolan(['scan', '127.0.0.1'], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining('scan has no option --speed')])
})

test('- is no file: nothing is written into one of that name', async () => {
  const { code, stderr } = await runPortolan(connect('127.0.0.1', '-p', `${closed}`, '-o', 'xml:-'), { cwd: folder })
  expect([code, stderr]).toEqual([2, expect.stringContaining('--format')])
  const { stdout } = await runPortolan(connect('-oX', '-', '127.0.0.1', '-p', `${closed}`), { cwd: folder })
  expect(stdout).toMatch(/^<\?xml/)
})

test('--probes: a service only the user knows gets its name', async () => {
  const probes = path.join(folder, 'probes')
  writeFileSync(probes, 'Probe TCP NULL q||\nmatch widget m|^WIDGET/([\\d.]+)| p/Acme Widget/ v/$1/\n')
  const port = await listen((socket) => socket.end('WIDGET/2.5 ready\r\n'))
  const { stdout } = await runPortolan(connect('127.0.0.1', '-p', `${port}`, '--probes', probes, '--format', 'ndjson'))
  expect(json(stdout)[0].service).toMatchObject({
    name: 'widget',
    product: 'Acme Widget',
    version: '2.5',
    method: 'probed',
  })
})

test('several outputs at once, each in the format of its ending, and the numbers', async () => {
  const file = (name: string) => path.join(folder, name)
  const args = connect(
    '127.0.0.1',
    '-p',
    `${ssh},${closed}`,
    '-o',
    file('a.xml'),
    '-o',
    file('a.csv'),
    '-oG',
    file('b'),
    '--stats',
    file('stats.json'),
  )
  expect((await runPortolan([...args, '-q'])).stderr).toBe('')
  expect(readFileSync(file('a.xml'), 'utf8')).toMatch(
    new RegExp(`<port protocol="tcp" portid="${ssh}"><state state="open"`),
  )
  expect(readFileSync(file('a.csv'), 'utf8').split('\r\n')[1]).toMatch(new RegExp(`^127\\.0\\.0\\.1,,${ssh},tcp,open,`))
  expect(readFileSync(file('b'), 'utf8')).toContain(`${ssh}/open/tcp//ssh//OpenSSH 9.2p1`)
  const stats = JSON.parse(readFileSync(file('stats.json'), 'utf8'))
  expect(Object.keys(stats)).toEqual([
    'probes',
    'sent',
    'received',
    'seconds',
    'pps',
    'lossEstimate',
    'recallEstimate',
    'open',
    'closed',
    'filtered',
    'openFiltered',
  ])
  expect(stats).toMatchObject({ probes: 2, open: 1, closed: 1, filtered: 0, lossEstimate: 0, recallEstimate: 1 })
})

test.runIf(process.platform === 'linux')(
  'UDP: an answer is open, a refusal closed, and T: and U: go together',
  async () => {
    const udp = createSocket('udp4', (_, from) => udp.send('pong', from.port, from.address))
    await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
    try {
      const ports = `U:${udp.address().port},${closed},T:${ssh}`
      const { stdout } = await runPortolan(
        connect('127.0.0.1', '-p', ports, '--all', '--no-services', '--format', 'ndjson'),
      )
      const states = json(stdout).map(({ port, transport, state, reason }) => [port, transport, state, reason])
      expect(states).toEqual(
        expect.arrayContaining([
          [udp.address().port, 'udp', 'open', 'udp-response'],
          [closed, 'udp', 'closed', 'port-unreach'],
          [ssh, 'tcp', 'open', 'conn-accept'],
        ]),
      )
    } finally {
      udp.close()
    }
  },
)

test.runIf(hasIPv6)('IPv6, and both families of one name', async () => {
  const { stdout } = await runPortolan(connect('::1', '127.0.0.1', '-p', `${closed}`, '--all', '--format', 'ndjson'))
  expect(
    json(stdout)
      .map(({ ip, state }) => `${ip} ${state}`)
      .sort(),
  ).toEqual(['127.0.0.1 closed', '::1 closed'])
})

test('targets come from files and standard input, minus exclusions', async () => {
  const file = path.join(folder, 'targets')
  writeFileSync(file, '127.0.0.1 # this machine\n127.0.0.4/31\n')
  const args = ['scan', '-iL', file, '--targets-file', '-', '--exclude', '127.0.0.5', '--list']
  const { stdout } = await runPortolan(args, { input: '127.0.0.9,10\n' })
  expect(stdout.trim().split('\n')).toEqual(['127.0.0.1', '127.0.0.4', '127.0.0.9', '127.0.0.10'])
})

test('a closed port somebody asked for is shown, whatever files are written, and in them with --all only', async () => {
  const [shown, kept] = [path.join(folder, 'shown.nmap'), path.join(folder, 'kept.ndjson')]
  const asked = ['scan', '127.0.0.1', '-p', `${ssh},${closed}`, '--no-services', '-o', shown, '-o', kept]
  const { stdout } = await runPortolan(asked)
  for (const table of [stdout, readFileSync(shown, 'utf8')]) expect(table).toContain(`${closed}/tcp`)
  const ports = () =>
    Array.from(readFileSync(kept, 'utf8').matchAll(/"port":(\d+)/g), ([, port]) => Number(port)).sort()
  expect(ports()).toEqual([ssh])
  await runPortolan([...asked, '--all'])
  expect(ports()).toEqual([ssh, closed].sort())
})

test('the same seed, the same order', async () => {
  const order = async (seed: string) => {
    const { stdout } = await runPortolan(
      connect('127.0.0.1', '-p', '1-40', '--seed', seed, '--format', 'ndjson', '--all', '--rate', '400'),
    )
    return json(stdout).map(({ port }) => port)
  }
  const [a, b, c] = [await order('7'), await order('7'), await order('8')]
  expect(a).toHaveLength(40)
  expect(b).toEqual(a)
  expect(c).not.toEqual(a)
})

test('a dry run sends nothing and counts what cannot even be numbered', async () => {
  const { code, stdout } = await runPortolan([
    'scan',
    '10.0.0.0/8',
    '2001:db8::/64',
    '-p',
    '-',
    '--rate',
    '50k',
    '--dry-run',
    '--format',
    'json',
  ])
  expect(code).toBe(0)
  const addresses = 2n ** 24n + 2n ** 64n
  expect(JSON.parse(stdout)).toMatchObject({
    addresses: `${addresses}`,
    probes: `${addresses * 65_535n}`,
    ports: '1-65535',
  })
})

describe('wrong usage ends with 2 and says what to write', () => {
  test.each([
    [['scan'], 'name what to scan'],
    [['scan', '127.1'], 'short spellings of IPv4 addresses are ambiguous'],
    [['scan', '127.0.0.1', '-p', '22-'], 'write 22-65535'],
    [['scan', '127.0.0.1', '-p', '0,65536'], 'port 65536 is over 65535'],
    [['scan', '127.0.0.1', '--rate', 'fast'], '--rate takes a number of probes per second'],
    [['scan', '127.0.0.1', '--engine', 'warp'], 'Allowed choices are auto, syn, connect'],
    [['scan', '127.0.0.1', '--nope'], "unknown option '--nope'"],
    [['scan', '127.0.0.1', '-iL', '/nonexistent/x'], 'cannot be read'],
    [['scan', '127.0.0.1', '-o', '/nonexistent/x.xml'], 'cannot be written'],
    [['scan', '2001:db8::/64', '-p', '80'], 'Name fewer'],
    [['scam'], "unknown command 'scam'"],
    [['scan', '127.0.0.1', '-sX'], 'the scans are -sS'],
    [['scan', '127.0.0.1', '--script', 'vuln'], 'there are no scripts'],
  ])('%j', async (args, said) => {
    const { code, stdout, stderr } = await runPortolan(args)
    expect(stderr).toContain(said)
    expect(stderr).not.toContain('    at ')
    expect([code, stdout]).toEqual([2, ''])
  })
})

test('what nmap users type by habit', async () => {
  const file = path.join(folder, 'habit.xml')
  const { code, stdout } = await runPortolan([
    'scan',
    '-sT',
    '-sV',
    `-p${ssh}`,
    '-Pn',
    '-n',
    '-T4',
    '--open',
    '-oX',
    file,
    '127.0.0.1',
  ])
  expect(code).toBe(0)
  expect(stdout).toContain('OpenSSH')
  expect(readFileSync(file, 'utf8')).toContain('version="9.2p1"')
})

/** Not before: an interrupt during the start has nothing to keep. */
const interruptOnFirstResult = (child: ChildProcess) => child.stdout?.once('data', () => child.kill('SIGINT'))

test('Ctrl-C keeps what was found, and --resume goes on from there to the same result', async () => {
  const state = path.join(folder, 'state')
  const ports = `1-300,${ssh},${closed}`
  const args = connect('127.0.0.1', '-p', ports, '--rate', '150', '--all', '--format', 'ndjson', '--resume', state)
  const first = await runPortolan(args, {
    onStart: interruptOnFirstResult,
  })
  expect(first.stderr).toContain(`go on with: portolan ${args.join(' ')}\n`)
  expect(first.code).toBe(130)
  const found = json(first.stdout)
  expect(found.length).toBeGreaterThan(0)
  expect(found.length).toBeLessThan(302)
  const second = await runPortolan(args)
  expect(second.code).toBe(0)
  const all = json(second.stdout)
  expect(new Set(all.map(({ port }) => port)).size).toBe(302)
  expect(all).toHaveLength(302)
  expect(all.find(({ port }) => port === ssh)).toMatchObject({ state: 'open', service: { product: 'OpenSSH' } })
  expect(second.stderr).toMatch(/1 address, 302 ports: \d+ open, \d+ closed/)
  expect(() => readFileSync(state)).toThrow()
})

test('the state of one scan is not taken for another', async () => {
  const state = path.join(folder, 'other')
  await runPortolan(
    connect('127.0.0.1', '-p', '1-300', '--rate', '100', '--all', '--format', 'ndjson', '--resume', state),
    {
      onStart: interruptOnFirstResult,
    },
  )
  const { code, stderr } = await runPortolan(connect('127.0.0.2', '-p', '1-300', '--resume', state))
  expect(stderr).toContain('is the state of another scan')
  expect(code).toBe(2)
})
