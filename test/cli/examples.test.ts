/** Every example in the help is run as it stands, on a machine of its own where the tests may make one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { afterAll, expect, test } from 'vitest'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-examples-'))
symlinkSync(LAUNCHER, path.join(folder, 'portolan'))
/** The results that examples compare. */
for (const day of ['monday', 'tuesday'])
  writeFileSync(
    path.join(folder, `${day}.xml`),
    '<nmaprun scanner="nmap"><scaninfo protocol="tcp" services="22"/><runstats><finished time="1"/></runstats></nmaprun>',
  )
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
    ? spawnSync('unshare', ['-n', 'bash', '-c', `ip link set lo up; ${command}`], options)
    : spawnSync('bash', ['-c', command], options)
}

const examples = COMMANDS.flatMap(({ name, examples: all = [] }) => all.map(({ command }) => ({ name, command })))
/** Raw packets need a privilege that not everybody who runs the tests has. */
const mayRun = ({ command }: { command: string }) => process.getuid?.() === 0 || !command.includes('-sS')

test.each(examples.filter(mayRun))('$command', async ({ name, command }) => {
  const { status, stderr, stdout } = run(command)
  // Nothing listens there, so a check ends with 1: not open.
  expect([status, stderr]).toEqual([name === 'check' ? 1 : 0, expect.not.stringContaining('portolan:')])
  if (name !== 'scan') expect(stdout).not.toBe('')
})

test('every command has a summary, and every one but the service an example', () => {
  for (const { name, summary, examples: all = [] } of COMMANDS) {
    expect(summary.length).toBeGreaterThan(10)
    if (name !== 'up') expect([name, all.length]).not.toEqual([name, 0])
  }
})

test('help comes at once and names every command', async () => {
  const { code, stdout } = await runPortolan(['--help'])
  expect(code).toBe(0)
  for (const { name } of COMMANDS) expect(stdout.replace(/\s+/g, ' ')).toContain(`${name} `)
  const scan = await runPortolan(['scan', '--help'])
  expect(scan.stdout).toContain('--per-host-rate <n>')
})
