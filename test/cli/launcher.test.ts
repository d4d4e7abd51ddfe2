import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LAUNCHER } from '#test/support/run-portolan.ts'

/** A Node that is older than the pinned one, where this machine has one. */
const OLDER = (process.env.PATH ?? '')
  .split(path.delimiter)
  .map((folder) => path.join(folder, 'node'))
  .filter(existsSync)
  .find((node) => Number.parseInt(spawnSync(node, ['-p', 'process.versions.node']).stdout.toString(), 10) < 24)

const ways: [string, string, string[]][] = [
  ['by its name', LAUNCHER, []],
  ['by this Node', process.execPath, [LAUNCHER]],
  ...(OLDER ? [['by an older Node', OLDER, [LAUNCHER]] as [string, string, string[]]] : []),
]

test.each(ways)('started %s, it runs with the arguments, output and exit code of the command', (_, program, before) => {
  expect(execFileSync(program, [...before, '--version'], { encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/)
  const wrong = spawnSync(program, [...before, 'scan', 'a b', '--dry-run'], { encoding: 'utf8' })
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('white space in the target')])
  const piped = spawnSync(program, [...before, 'scan', '-i', '-', '--list'], { encoding: 'utf8', input: '127.0.0.1' })
  expect(piped.stdout).toBe('127.0.0.1\n')
})

const slow = [
  'scan',
  '127.0.0.1',
  '-p',
  '1-2000',
  '--rate',
  '20',
  '--engine',
  'connect',
  '--all',
  '--format',
  'ndjson',
  '-q',
]

test.each(ways)('started %s, a signal reaches the scan, which ends in order', async (_, program, before) => {
  const child = spawn(program, [...before, ...slow], { stdio: ['ignore', 'pipe', 'pipe'] })
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  child.stdout.resume()
  child.stderr.resume()
  expect((await once(child, 'close'))[0]).toBe(130)
})

test.skipIf(!OLDER)('a launcher that is killed takes the scan with it', async () => {
  const child = spawn(OLDER ?? '', [LAUNCHER, ...slow], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  const started = performance.now()
  child.kill('SIGKILL')
  child.stdout.resume()
  // The pipe closes when the last process that holds it is gone; the scan would take 100 s.
  await once(child.stdout, 'close')
  expect(performance.now() - started).toBeLessThan(20_000)
})

test('works from any folder and without a home to keep compiled code in', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-launcher-'))
  try {
    const env = { PATH: process.env.PATH, HOME: path.join(folder, 'gone') }
    const { status, stdout } = spawnSync(LAUNCHER, ['--version'], { cwd: folder, env, encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d/)])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.skipIf(!OLDER)('an older Node says what the command itself says, and says it again without asking', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-launcher-'))
  const env = { ...process.env, XDG_CACHE_HOME: folder, COLUMNS: '100' }
  const said = (program: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  try {
    for (const args of [['--help'], ['completion', 'bash'], ['x', '-h']])
      for (let time = 0; time < 2; time++) expect(said(OLDER ?? '', LAUNCHER, ...args)).toEqual(said(LAUNCHER, ...args))
    // Kept words are used as long as they are about these sources.
    const file = path.join(folder, 'portolan', 'words', '--help.json')
    const kept = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...kept, text: 'kept' }))
    expect(said(OLDER ?? '', LAUNCHER, '--help').stdout).toBe('kept')
    writeFileSync(file, JSON.stringify({ stamp: 'older', text: 'kept' }))
    expect(said(OLDER ?? '', LAUNCHER, '--help').stdout).toBe(kept.text)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a reader that has seen enough is no failure', () => {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `${LAUNCHER} scan 127.0.0.0/8 --list | head -1; echo \${PIPESTATUS[0]}`],
    { encoding: 'utf8' },
  )
  expect([status, stdout, stderr]).toEqual([0, '127.0.0.0\n0\n', ''])
})
