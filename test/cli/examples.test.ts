/** Every example in the help is run as it stands, on a machine of its own where the tests may make one. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { createDb } from '@portolan/db/client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api/test-api.ts'
import { pastScan } from '#test/support/past-scan.ts'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-examples-'))
symlinkSync(LAUNCHER, path.join(folder, 'portolan'))
/** The results that examples compare. */
for (const day of ['monday', 'tuesday'])
  writeFileSync(
    path.join(folder, `${day}.xml`),
    '<nmaprun scanner="nmap"><scaninfo protocol="tcp" services="22"/>' +
      '<host><address addr="127.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="22">' +
      '<state state="closed" reason="reset"/></port></ports></host><runstats><finished time="1"/></runstats></nmaprun>',
  )
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A machine with nothing but itself, and a way to where an example would go. */
const ALONE = 'ip link set lo up; ip route add 10.0.0.0/8 dev lo'
const ISOLATED = spawnSync('unshare', ['-n', 'true']).status === 0

function run(command: string) {
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    PORTOLAN_CONFIG: '',
  }
  const options = { cwd: folder, env, encoding: 'utf8', timeout: 60_000 } as const
  return ISOLATED
    ? spawnSync('unshare', ['-n', 'bash', '-c', `${ALONE}; ${command}`], options)
    : spawnSync('bash', ['-c', command], options)
}

const examplesOf = (asking: boolean) =>
  COMMANDS.filter(({ service = false }) => service === asking).flatMap(({ name, examples: all = [] }) =>
    all.map(({ command }) => ({ name, command })),
  )
/** Raw packets need a privilege that not everybody who runs the tests has. */
const mayRun = ({ command }: { command: string }) => process.getuid?.() === 0 || !command.includes('-sS')

test.each(examplesOf(false).filter(mayRun))('$command', async ({ name, command }) => {
  const { status, stderr, stdout } = run(command)
  // Nothing listens there, so a check ends with 1: not open.
  expect([status, stderr]).toEqual([name === 'check' ? 1 : 0, expect.not.stringContaining('portolan:')])
  if (name !== 'scan') expect(stdout).not.toBe('')
})

describe('what asks a service', () => {
  let api: TestApi
  let scan: string
  beforeAll(async () => {
    api = await openTestApi()
    await using db = createDb(api.databaseUrl)
    await pastScan(db.pool, { targets: [['127.0.0.1', '127.0.0.1']], seen: [] })
    scan = await pastScan(db.pool, {
      targets: [['127.0.0.1', '127.0.0.1']],
      seen: [{ at: '127.0.0.1:22', service: { name: 'ssh', product: 'OpenSSH', version: '9.2p1' } }],
    })
    const asked = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'] })
    await db.pool.query('UPDATE scans SET request = (SELECT request FROM scans WHERE id = $2) WHERE id = $1', [
      scan,
      asked.json.id,
    ])
  })
  afterAll(() => api.stop())

  // In the order of the list: a policy is drafted before it is tried.
  test.each(examplesOf(true))('$command', async ({ command }) => {
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      PORTOLAN_SERVER: api.url,
      PORTOLAN_KEY: api.key,
      DATABASE_URL: api.databaseUrl,
      SCAN: scan,
    }
    const child = spawn('bash', ['-c', command], { cwd: folder, env: { ...process.env, ...env } })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    if (child.exitCode === null) await once(child, 'exit')
    expect([child.exitCode, stderr]).toEqual([0, expect.not.stringContaining('portolan:')])
    // What goes into a file, and what finds nothing to list as JSON, prints nothing.
    if (!/>|ndjson/.test(command)) expect(stdout).not.toBe('')
  })
})

test('every command has a summary, and every one that ends by itself an example', () => {
  for (const { name, summary, examples: all = [] } of COMMANDS) {
    expect(summary.length).toBeGreaterThan(10)
    if (!['up', 'api', 'worker'].includes(name)) expect([name, all.length]).not.toEqual([name, 0])
  }
})

test('help comes at once and names every command', async () => {
  const { code, stdout } = await runPortolan(['--help'])
  expect(code).toBe(0)
  for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'))
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  const scan = await runPortolan(['scan', '--help'])
  expect(scan.stdout).toContain('--per-host-rate <n>')
})
