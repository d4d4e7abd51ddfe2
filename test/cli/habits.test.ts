/** What people type who come from ss, lsof, nc, gh and scanners: understood, or told what it is called here. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fromNc } from '@portolan/cli/src/check/nc-spellings.ts'
import { fromSs } from '@portolan/cli/src/listeners/ss-spellings.ts'
import { afterAll, expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-habits-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['-tulnp', '--tcp --udp'],
  ['-lntp', '--tcp'],
  ['-u -a', '--udp'],
  [':8080', '8080'],
  ['0.0.0.0:8080', '8080'],
  ['-i :8080', '8080'],
  ['-i:8080', '8080'],
  ['-nP -iTCP:443 -sTCP:LISTEN', '443/tcp'],
  ['-iUDP', '--udp'],
  ['--listening --numeric ssh', 'ssh'],
  ['--watch --format json 22', '--watch --format json 22'],
])('listeners %s', (typed, means) => expect(fromSs(typed.split(' ')).join(' ')).toBe(means))

test('Unix sockets are left to ss', () => expect(() => fromSs(['-xlp'])).toThrow('ss -xlp lists them'))

test.each([
  ['-zv host 80', 'host 80'],
  ['-zvu host 53', 'host 53/udp'],
  ['host:53 -u', 'host:53/udp'],
  ['-z -w 3 host 80', '--timeout 3000 host 80'],
  ['-p 80 host', 'host 80'],
  ['host -p443', 'host 443'],
  ['-sU host --port=53', 'host 53/udp'],
  ['host https --format json', 'host https --format json'],
])('check %s', (typed, means) => expect(fromNc(typed.split(' ')).join(' ')).toBe(means))

test.each([
  [['check', 'localhost', '1', '--json']],
  [['explain', '22', '--json']],
  [['listeners', '--json']],
  [['scan', '127.0.0.1', '-p', '1', '--all', '--json']],
])('%j writes JSON and nothing else', async (args) => {
  const { stdout } = await runPortolan(args)
  expect(JSON.parse(stdout)).toBeTypeOf('object')
})

test.each([
  [['ss'], /unknown command 'ss'; that is portolan listeners$/],
  [['nmap', '127.0.0.1'], /that is portolan scan$/],
  [['serve'], /that is portolan up$/],
  [['check', 'localhost', '80,443'], /check asks one port; for 80,443: portolan scan localhost -p 80,443$/],
  [['scan', '127.0.0.1', '-sCV'], /-sCV: there are no scripts, and services are named anyway/],
  [['scan', '127.0.0.1', '--timeout', '1s'], /--timeout takes milliseconds, a whole number from 1 to 600000, not "1s"/],
  [['scan', '127.0.0.1', '--interface', 'nope0'], /--interface: there is no nope0 here, but .*lo/],
  [['scan', '127.0.0.1', '--source-address', '198.51.100.7'], /is no address of this machine; it has .*127\.0\.0\.1/],
  [['scan', '127.0.0.1', '--source-address', '::1'], /is IPv6, and no target is/],
  [['scan', '127.0.0.1', '--source-address', 'x'], /--source-address x: this is not an IPv4 address/],
])('%j is refused in words', async (args, words) => {
  const { code, stdout, stderr } = await runPortolan(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.trimEnd()).toMatch(words)
})

test.each(['-o', '--stats', '--resume'])(
  '%s into a folder that is not there is told before the scan',
  async (option) => {
    const file = path.join(folder, 'nowhere', 'file.json')
    const { code, stdout, stderr } = await runPortolan(['scan', '127.0.0.1', '-p', '1', option, file])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`portolan: ${file} cannot be written: there is no such file or folder\n`)
  },
)

test('-v alone asks which version this is', async () => {
  expect((await runPortolan(['-v'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
