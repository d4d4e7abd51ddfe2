/**
 * Whoever reads README.md and docs/ copies what stands there: every command line is run as it stands, in the order of the
 * pages, against the service that `npm start` starts, in a network namespace where nothing but loopback is reached.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { LAUNCHER } from '#test/support/run-portolan.ts'
import { PAGES, ROOT, shellExamples } from './shell-examples.ts'

/** What is not run below, and why not. Whatever else the pages show is run. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'npm ci && npm start': 'npm ci obtains packages, as CI does; npm start is what the others are run against',
  'npm ci && npm test': 'is what runs this test',
  'npm run demo:watch': 'takes a minute, and judges itself',
  'docker compose up --build --scale worker=4': 'needs Docker; npm run smoke:compose does it',
  'KEY=ptl_...                       # printed once by the first start': "stands for the reader's own key",
}

const EXAMPLES = PAGES.flatMap(shellExamples)
const ISOLATED = spawnSync('unshare', ['-n', 'true']).status === 0

vi.setConfig({ hookTimeout: 300_000, testTimeout: 120_000 })

describe.skipIf(!ISOLATED)(`in a namespace of their own${ISOLATED ? '' : ' [skipped: needs root and unshare]'}`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-pages-'))
  let service: ChildProcess
  /** What the reader puts into the variables. */
  const reader: Record<string, string> = {}
  const scans: string[] = []

  beforeAll(async () => {
    prepare(folder)
    const start = 'ip link set lo up; exec npm start'
    service = spawn('unshare', ['-n', 'bash', '-c', start], {
      cwd: ROOT,
      env: { ...process.env, PORTOLAN_DATA_DIR: path.join(folder, 'data'), PORT: '', HOST: '' },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    service.stdout?.on('data', (chunk) => {
      output += chunk
    })
    await vi.waitFor(() => expect(output).toContain('Ctrl-C'), { timeout: 280_000, interval: 50 })
    reader.KEY = /ptl_[\w-]+/.exec(output)?.[0] ?? ''
  })
  afterAll(async () => {
    // As a terminal does it: to everybody in the foreground.
    if (service.pid !== undefined && service.exitCode === null) {
      const ended = once(service, 'exit')
      process.kill(-service.pid, 'SIGINT')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  })

  const run = async (command: string) => {
    const child = spawn('nsenter', ['-t', `${service.pid}`, '-n', 'bash', '-c', command], {
      cwd: folder,
      env: {
        ...process.env,
        PATH: `${folder}:${process.env.PATH}`,
        CURL_HOME: folder,
        XDG_CONFIG_HOME: folder,
        PORTOLAN_CONFIG: '',
        ...reader,
      },
    })
    child.stdin.end()
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    if (child.exitCode === null) await once(child, 'exit')
    return { code: child.exitCode, stdout, stderr }
  }

  /** Remembers what an answer gives to the commands after it, and waits for a scan to end, as the reader would. */
  async function remember(answer: { readonly id?: unknown; readonly status?: unknown }): Promise<void> {
    if (typeof answer.id !== 'string') return
    reader.ID = answer.id
    if (answer.status !== 'queued') return
    scans.push(answer.id)
    const authorized = '-H "Authorization: Bearer $KEY"'
    const [stands, remembered] = [`v1/scans/${answer.id}`, 'v1/endpoints?limit=1'].map(
      (route) => `curl -s '127.0.0.1:7070/${route}' ${authorized}`,
    )
    await expect
      .poll(async () => JSON.parse((await run(stands ?? '')).stdout), { timeout: 110_000 })
      .toMatchObject({ status: 'completed' })
    const [EARLIER = '', LATER = ''] = [scans.at(-2), scans.at(-1)]
    const ENDPOINT = JSON.parse((await run(remembered ?? '')).stdout).items[0].id
    Object.assign(reader, { EARLIER, LATER, ENDPOINT })
  }

  test.each(EXAMPLES.filter(({ command }) => !(command in NOT_RUN)))('$page: $command', async ({ command }) => {
    const { code, stdout, stderr } = await run(command)
    // Nothing listens at port 22 there: a check ends with 1, not open.
    expect([code, stderr]).toEqual([
      command.startsWith('portolan check') ? 1 : 0,
      expect.not.stringMatching(/portolan:|curl:/),
    ])
    if (!/ > /.test(command)) expect(stdout).not.toBe('')
    if (command.startsWith('curl') && stdout.startsWith('{')) await remember(JSON.parse(stdout))
  })
})

/** What the commands read, and a curl that does not take an answer of 400 or more for a success. */
function prepare(folder: string): void {
  chmodSync(folder, 0o755)
  mkdirSync(path.join(folder, 'data'))
  symlinkSync(LAUNCHER, path.join(folder, 'portolan'))
  writeFileSync(path.join(folder, '.curlrc'), 'fail-with-body\nmax-time = 40\n')
  const data = Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n').toString('base64')
  writeFileSync(path.join(folder, 'banners.ndjson'), `${JSON.stringify({ id: 1, transport: 'tcp', data })}\n`)
}

test('what is not run still stands in the pages', () => {
  const shown = EXAMPLES.map(({ command }) => command)
  expect(Object.keys(NOT_RUN).filter((command) => !shown.includes(command))).toEqual([])
})

const words = (line: string) => line.split(/\s+/)

test.each(PAGES)('%s: commands named in the text exist, with their options', (page) => {
  const prose = readFileSync(path.join(ROOT, page), 'utf8')
  for (const [line] of prose.matchAll(/(?<=[`;|(] ?)portolan [a-z][^`|)]*/g)) {
    const [, name = '', ...rest] = words(line)
    const command = COMMANDS.find((spec) => spec.name === name)
    expect([line, command?.name]).toEqual([line, name])
    const options = ['--help', ...(command?.options ?? []).flatMap(({ flags }) => words(flags.replace(',', '')))]
    for (const option of rest.filter((word) => word.startsWith('--')))
      expect([line, options]).toEqual([line, expect.arrayContaining([option])])
  }
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  for (const [, name = ''] of prose.matchAll(/npm run (?:-s )?([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name)
})
