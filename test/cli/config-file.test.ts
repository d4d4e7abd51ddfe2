/** Which of the file, the environment and what was typed a command hears. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Options } from '@portolan/cli/src/command-spec.ts'
import { CHECK } from '@portolan/cli/src/commands/check.ts'
import { SCAN } from '@portolan/cli/src/commands/scan.ts'
import { createProgram } from '@portolan/cli/src/program.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-config-'))
const file = path.join(folder, 'config.json')
beforeAll(() => vi.stubEnv('PORTOLAN_CONFIG', file))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** The options that `portolan scan 127.0.0.1 ...` would be run with. */
async function heard(config: unknown, ...typed: readonly string[]): Promise<Options> {
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify({ scan: config }))
  let options: Options = {}
  const scan = {
    ...SCAN,
    async run(_: readonly string[], given: Options) {
      options = given
      return 0
    },
  }
  await createProgram([scan]).run(['scan', '127.0.0.1', ...typed])
  return options
}

test('the file gives what nobody typed', async () => {
  expect(await heard({ rate: 1000, ports: '22', open: true, exclude: '127.0.0.2' })).toMatchObject({
    rate: '1000',
    ports: '22',
    open: true,
    exclude: ['127.0.0.2'],
  })
  expect((await heard({ rate: 1000 }, '--rate', '5')).rate).toBe('5')
  expect((await heard({ open: false })).open).toBeUndefined()
})

test('of --services and --no-services the file may say either, and what is typed goes before', async () => {
  expect((await heard({ 'no-services': true })).services).toBe(false)
  expect((await heard({ services: 'all' })).services).toBe('all')
  expect((await heard({ 'no-services': true }, '--services', 'light')).services).toBe('light')
  expect((await heard({ services: 'all' }, '--no-services')).services).toBe(false)
})

test('the environment goes before the file, and behind what is typed', async () => {
  vi.stubEnv('PORTOLAN_RATE', '7')
  expect((await heard({ rate: 1000 })).rate).toBe('7')
  expect((await heard({ rate: 1000 }, '--rate', '5')).rate).toBe('5')
})

test('a complaint about a value that nobody typed says where it stands', async () => {
  const config = JSON.stringify({ check: { timeout: 'long' } })
  writeFileSync(file, config)
  const check = (...typed: string[]) => createProgram([CHECK]).run(['check', '127.0.0.1', '1', ...typed])
  await expect(check()).rejects.toThrow(`not "long"; that is what ${file} says`)
  await expect(check('--timeout', 'x')).rejects.toThrow(/not "x"$/)
  writeFileSync(file, '{}')
  vi.stubEnv('PORTOLAN_RATE', 'fast')
  const scan = createProgram([SCAN]).run(['scan', '127.0.0.1', '-p', '1'])
  await expect(scan).rejects.toThrow(/^--rate takes .*; that is what PORTOLAN_RATE says$/)
  vi.stubEnv('PORTOLAN_RATE', '')
})

test.each([
  [{ speed: 1 }, 'scan has no option --speed'],
  [{ exlude: '127.0.0.2' }, 'scan has no option --exlude; did you mean exclude?'],
  ['{"scan":', /is not JSON: .*Correct it or move it away/],
  ['[1]', 'is not a JSON object of commands and their options: correct it'],
  ['{"scan":[1]}', 'scan is not an object of options'],
  ['{"rate":5}', 'rate belongs to a command, such as { "scan": { "rate": ... } }'],
])('%j is refused by name', async (config, said) => expect(heard(config)).rejects.toThrow(said))
