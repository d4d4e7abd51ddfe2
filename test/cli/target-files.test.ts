/** Files of targets as people and Windows write them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { LAUNCHER, runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-targets-'))
afterAll(() => rmSync(folder, { recursive: true }))
function file(name: string, content: string | Uint8Array): string {
  const at = path.join(folder, name)
  writeFileSync(at, content)
  return at
}

async function list(args: readonly string[], input = ''): Promise<string[]> {
  const { code, stdout, stderr } = await runPortolan(['scan', '--list', ...args], { input })
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trim().split('\n')
}

const TEXT = '# ours\r\n127.0.0.1\r\n\r\n \t127.0.0.2   # trailing\r\n127.0.0.4-5,127.0.0.7 127.0.0.8/31'
const NAMED = [1, 2, 4, 5, 7, 8, 9].map((last) => `127.0.0.${last}`)

test.each([
  ['UTF-8 with a mark', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16, as PowerShell writes it', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['no mark', Buffer.from(TEXT)],
])('comments, blank lines, CRLF, ranges: %s', async (name, content) => {
  expect(await list(['-iL', file(name, content)])).toEqual(NAMED)
})

test.each([[['-iL', '-']], [['-']], [[]]])('standard input: scan %j', async (args) => {
  expect(await list(args, TEXT)).toEqual(NAMED)
})

test('whoever forgot the targets is told what is waited for', async () => {
  const child = spawn(LAUNCHER, ['scan', '--list'])
  const listed = text(child.stdout)
  const [told] = await once(child.stderr, 'data')
  expect(String(told)).toBe('portolan: reading targets from standard input, until its end (Ctrl-D)\n')
  child.stdin.end('127.0.0.1\n')
  expect(await listed).toBe('127.0.0.1\n')
})

test('a complaint names the file and the line', async () => {
  const hosts = file('hosts.txt', `127.0.0.1\n\n300.1.2.3 foo\n${'a$\n'.repeat(20)}`)
  const { code, stderr } = await runPortolan(['scan', '-iL', hosts, '--exclude-file', hosts, 'b$'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/^portolan: targets cannot be understood:\n {2}"b\$": "\$" cannot stand in a host name/)
  expect(stderr).toContain('hosts.txt line 3: "300.1.2.3": octet 1 is 300')
  expect(stderr).toContain('hosts.txt line 11: "a$"')
  expect(stderr).toMatch(/\n {2}and 12 more\n$/)
})

test.each([
  ['an empty file', ['-iL', file('empty', '')], /there is no target in .*empty$/],
  ['nothing but comments', ['-iL', file('comments', '# one\n\n')], /there is no target in .*comments$/],
  ['empty input', ['-'], /name what to scan/],
  ['input twice', ['-iL', '-', '--exclude-file', '-'], /standard input can be read only once; name a file/],
  ['a folder', ['-iL', folder], /cannot be read: it is a folder/],
])('%s', async (_, args, words) => {
  const { code, stdout, stderr } = await runPortolan(['scan', ...args])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.trimEnd()).toMatch(words)
})

test('a hundred thousand lines', async () => {
  const many = Array.from({ length: 100_000 }, (_, i) => `10.${i % 251}.${(i >> 8) & 255}.${(i * 2) & 255}`)
  const { stdout } = await runPortolan(['scan', '-iL', file('many', many.join('\n')), '--dry-run', '--format', 'json'])
  expect(JSON.parse(stdout)).toMatchObject({ addresses: `${new Set(many).size}` })
})
