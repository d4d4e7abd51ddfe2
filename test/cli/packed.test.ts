/** Which files the launcher starts: the packed ones, unless somebody has changed a source since. */
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { exchange } from '@portolan/cli/tools/exchange.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '#test/support/source-tree.ts'

const HOUR = 3600
const now = Date.now() / 1000
let root: string

const at = (file: string) => path.join(root, 'packages', file)

function put(file: string, text: string, seconds: number): void {
  mkdirSync(path.dirname(at(file)), { recursive: true })
  writeFileSync(at(file), text)
  utimesSync(at(file), seconds, seconds)
  utimesSync(path.dirname(at(file)), now - 3 * HOUR, now - 3 * HOUR)
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'portolan-packed-'))
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'))
  cpSync(path.join(ROOT, 'packages/cli/bin'), at('cli/bin'), { recursive: true })
  put('cli/package.json', '{ "type": "module" }', now)
  put('cli/src/main.ts', 'console.log("sources")', now - 2 * HOUR)
  put('core/src/any.ts', '', now - 2 * HOUR)
  put('client/src/any.ts', '', now - 2 * HOUR)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe.each([
  ['as a command', () => execFileSync(at('cli/bin/portolan.js'), { encoding: 'utf8' })],
  ['by Node', () => execFileSync(process.execPath, [at('cli/bin/portolan.js')], { encoding: 'utf8' })],
])('%s', (_, run) => {
  test('packed, when it is newer than every source', () => {
    put('cli/dist/main.cjs', 'console.log("packed")', now - HOUR)
    expect(run()).toBe('packed\n')
  })

  test('from the sources, when one of them is newer', () => {
    put('cli/dist/main.cjs', 'console.log("packed")', now - HOUR)
    put('core/src/any.ts', '', now)
    expect(run()).toBe('sources\n')
  })

  test('packed, when only the types that every test run generates are newer', () => {
    put('cli/dist/main.cjs', 'console.log("packed")', now - HOUR)
    put('client/src/schema.d.ts', '', now)
    expect(run()).toBe('packed\n')
  })

  test('from the sources, when it was never packed', () => {
    expect(run()).toBe('sources\n')
  })
})

describe('compiled code', () => {
  const cache = () => path.join(root, 'cache')
  const kept = () =>
    readdirSync(path.join(cache(), 'run'))
      .flatMap((packing) => readdirSync(path.join(cache(), 'run', packing)).map((file) => path.join(packing, file)))
      .map((file) => path.join(cache(), 'run', file))
      .sort()
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [at('cli/dist/main.cjs'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, NODE_COMPILE_CACHE: cache() },
    })

  beforeEach(() => {
    put('cli/dist/package.json', '{}', now)
    put('cli/dist/new/main.cjs', `console.log(require('./words.cjs').say(process.argv[2]))`, now)
    put('cli/dist/new/words.cjs', `exports.say = (word) => word + '!'`, now)
    exchange(at('cli/dist'), at('cli/dist/new'), new Date())
  })

  test('is kept for the next run of the kind, and nothing more for another target', () => {
    expect(run('scan', '192.0.2.1')).toBe('scan!\n')
    const after = kept()
    expect(after.map((file) => path.basename(file).replace(/\.[0-9a-f]+$/, ''))).toEqual([
      'main.cjs.scan',
      'words.cjs.scan',
    ])
    expect(run('scan', '192.0.2.2')).toBe('scan!\n')
    expect(kept()).toEqual(after)
    expect(run('scan', '--open')).toBe('scan!\n')
    expect(kept()).toHaveLength(4)
  })

  test('that is damaged does no harm and is replaced', () => {
    run('scan')
    for (const file of kept()) writeFileSync(file, 'not code')
    expect(run('scan')).toBe('scan!\n')
    for (const file of kept()) expect(readFileSync(file, 'latin1')).not.toBe('not code')
  })

  test('need not be kept: a file where the folder would be', () => {
    writeFileSync(cache(), '')
    expect(run('scan')).toBe('scan!\n')
  })

  test('of many kinds of command lines is not all kept', () => {
    for (let i = 0; i < 30; i++) run('scan', `--${String.fromCharCode(97 + i)}${'x'.repeat(i + 1)}`)
    expect(kept().length).toBeLessThanOrEqual(48)
    expect(run('scan')).toBe('scan!\n')
  })
})

test('whoever packs, the command can be run at any time, and goes on from where it began', async () => {
  const packed = (words: string) => {
    const dir = at(`cli/dist/new-${words.length}`)
    put(`cli/dist/new-${words.length}/main.cjs`, `setTimeout(() => require('./later.cjs'), 500)`, now)
    put(`cli/dist/new-${words.length}/later.cjs`, `console.log(${JSON.stringify(words)})`, now)
    exchange(at('cli/dist'), dir, new Date())
  }
  put('cli/dist/package.json', '{}', now)
  packed('old')
  const running = spawn(process.execPath, [at('cli/dist/main.cjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = text(running.stdout)
  // Its first file is read by now; the second one is not.
  await sleep(300)
  packed('newer')
  packed('newer')
  expect(readdirSync(at('cli/dist')).filter((name) => name.startsWith('new'))).toEqual([])
  expect([await said, execFileSync(process.execPath, [at('cli/dist/main.cjs')], { encoding: 'utf8' })]).toEqual([
    'old\n',
    'newer\n',
  ])
})
