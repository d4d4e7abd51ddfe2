import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readLogin, writeLogin } from '@portolan/cli/src/server/login-file.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api/test-api.ts'
import { runPortolan } from '#test/support/run-portolan.ts'

const home = mkdtempSync(path.join(tmpdir(), 'portolan-login-'))
const kept = path.join(home, 'portolan', 'login.json')
let api: TestApi

beforeAll(async () => {
  api = await openTestApi()
})
afterAll(async () => {
  await api.stop()
  rmSync(home, { recursive: true, force: true })
})

const login = (args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}) =>
  runPortolan(['login', ...args], { input, env: { XDG_CONFIG_HOME: home, PORTOLAN_CONFIG: '', ...env } })

test('keeps a valid key where only its owner can read it, and forgets it', async () => {
  const { code, stdout } = await login([`${api.url}/`], `${api.key}\n`)
  expect([code, stdout]).toEqual([0, expect.stringContaining(kept)])
  expect(stdout).not.toContain(api.key)
  expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ server: api.url, key: api.key })
  expect(statSync(kept).mode & 0o777).toBe(0o600)
  expect(readdirSync(path.dirname(kept))).toEqual(['login.json'])
  expect((await login(['--forget'])).code).toBe(0)
  expect(existsSync(kept)).toBe(false)
})

test('takes URL and key from the environment', async () => {
  const { code } = await login([], '', { PORTOLAN_SERVER: api.url, PORTOLAN_KEY: api.key })
  expect([code, await readLogin(kept)]).toEqual([0, { server: api.url, key: api.key }])
})

test('a key that is not valid is not kept', async () => {
  rmSync(kept, { force: true })
  const { code, stderr } = await login([api.url], 'ptl_0000000000000000_nothing\n')
  expect([code, stderr]).toEqual([1, expect.stringContaining('key')])
  expect(existsSync(kept)).toBe(false)
})

test('a key does not follow a redirect', async () => {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(302, { Location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const { code } = await login([url], 'ptl_key\n')
  server.close()
  expect([code, asked]).toEqual([1, ['/v1/scans?limit=1']])
})

test('a file that others may read is not used', async () => {
  const file = path.join(home, 'open.json')
  await writeLogin(file, { server: 'http://127.0.0.1:1', key: 'k' })
  chmodSync(file, 0o644)
  await expect(readLogin(file)).rejects.toThrow('chmod 600')
})

test.each([
  [['ftp://127.0.0.1'], 'k', 2, 'is not the URL of a service'],
  [['http://me:hush@127.0.0.1'], 'k', 2, 'is not the URL of a service'],
  [['http://127.0.0.1:1'], 'k', 1, 'http://127.0.0.1:1 does not answer'],
  [['http://127.0.0.1:1'], '', 2, 'give the key on standard input'],
])('%j with key %j is refused', async (args, key, expected, said) => {
  const { code, stderr } = await login(args, key)
  expect([code, stderr]).toEqual([expected, expect.stringContaining(said)])
})

test('a folder nothing can be kept in is told in words, with the way without', async () => {
  const { code, stderr } = await login([api.url], `${api.key}\n`, { PORTOLAN_CONFIG: '/dev/null/portolan/config.json' })
  expect([code, stderr]).toEqual([
    1,
    'portolan: /dev/null/portolan/login.json cannot be written: a part of the path is no folder; ' +
      'PORTOLAN_SERVER and PORTOLAN_KEY in the environment do instead\n',
  ])
})
