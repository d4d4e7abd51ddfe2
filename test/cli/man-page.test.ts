/** The manual page: as man shows it, and true about what the command reads and keeps. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { readCliEnv } from '@portolan/cli/src/env.ts'
import { readServerEnv } from '@portolan/cli/src/server/env.ts'
import { expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const { stdout: page } = await runPortolan(['man'])
/** Without the escapes of roff. */
const plain = page.replaceAll('\\-', '-')
const section = (title: string) => plain.split(/^\.SH /m).find((part) => part.startsWith(`${title}\n`)) ?? ''

const HAS_MAN = spawnSync('man', ['--version']).status === 0

test.skipIf(!HAS_MAN)('man takes it without a warning, and shows every section in 80 columns', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-man-'))
  try {
    const file = path.join(folder, 'portolan.1')
    writeFileSync(file, page)
    const env = { ...process.env, MANWIDTH: '80', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' }
    const { stdout, stderr, status } = spawnSync('man', ['--warnings', '-l', file], { encoding: 'utf8', env })
    expect([status, stderr]).toEqual([0, ''])
    for (const title of ['NAME', 'SYNOPSIS', 'COMMANDS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES'])
      expect(stdout).toMatch(new RegExp(`^${title}$`, 'm'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('it names every command with its options and examples', () => {
  for (const { name, options = [], examples = [] } of COMMANDS) {
    const [, own = ''] = section('COMMANDS').split(new RegExp(`\\.SS portolan ${name}(?= |\\n)`))
    for (const { flags } of options) expect(own).toContain(`.B ${flags}\n`)
    for (const { command } of examples) expect(own).toContain(`${command.replaceAll('\\', '\\e')}\n.EE`)
  }
})

test('it names every variable that the command and the processes of a service read', () => {
  const files = globSync('{packages/cli,services/api,services/worker}/src/**/env.ts')
  const read = files.flatMap((file) => {
    const source = readFileSync(file, 'utf8')
    const unpacked = [...source.matchAll(/const \{ (.*) \} = env/g)].flatMap(
      ([, names = '']) => names.match(/\b[A-Z_]+\b/g) ?? [],
    )
    return [...unpacked, ...(source.match(/(?<=\benv\.)[A-Z_]+|(?<=^ {2})[A-Z_]+(?=: z)/gm) ?? [])]
  })
  expect(read).toEqual(expect.arrayContaining(['NO_COLOR', 'PORTOLAN_KEY', 'PORTOLAN_CONCURRENCY', 'XDG_CONFIG_HOME']))
  expect(read.filter((name) => !section('ENVIRONMENT').includes(`.B ${name}\n`))).toEqual([])
})

test('the files are where it says', () => {
  const shown = (file: string) => file.replace(homedir(), '~')
  for (const file of [readCliEnv({}).configFile, readServerEnv({}).loginFile])
    expect(section('FILES')).toContain(`.B ${shown(file)}\n`)
})

test('the codes it ends with are those of the help', async () => {
  const { stdout: help } = await runPortolan(['--help'])
  const [, wrapped = ''] = /^Exit codes: (.*)$/ms.exec(help) ?? []
  const codes = wrapped.trim().replace(/\s+/g, ' ')
  expect(codes.split(', ')).toHaveLength(5)
  for (const [, code, meaning] of codes.matchAll(/(\d+) ([^,]+)/g))
    expect(section('EXIT STATUS')).toContain(`.B ${code}\n${meaning}\n`)
})
