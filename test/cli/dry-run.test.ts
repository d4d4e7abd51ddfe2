/** What a scan would do: `--list` names the addresses, `--dry-run` counts them and says which ports. Nothing is sent. */
import { expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const rowsOf = (text: string) =>
  Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  )

test('--dry-run shows addresses, ports of either transport, probes, engines and how long it takes', async () => {
  const args = ['scan', '192.0.2.0/30', '-p', 'T:22,80-82,U:53', '--rate', '5', '--engine', 'connect', '--dry-run']
  const { code, stdout, stderr } = await runPortolan(args)
  expect([code, stderr]).toEqual([0, ''])
  expect(rowsOf(stdout)).toEqual({
    Addresses: '4',
    Ports: 'T:22,80-82,U:53',
    Probes: '20',
    Engine: 'connect, udp',
    Duration: 'about 0:04 at 5 probes per second',
  })
})

test.each([
  ['127.0.0.1 -p ssh,https,8000-8004,!8002', '22,443,8000-8001,8003-8004'],
  ['127.0.0.1 -p- --exclude-ports 25', '1-24,26-65535'],
  ['-sU -p53,161 127.0.0.1', 'U:53,161'],
])('scan %s asks %s', async (words, ports) => {
  const { stdout } = await runPortolan(['scan', ...words.split(' '), '--dry-run'])
  expect(rowsOf(stdout).Ports).toBe(ports)
})

test('of many ports it shows the number and the first, as JSON all of them', async () => {
  const args = ['scan', '127.0.0.1', '--top-ports', '100', '--dry-run']
  const { Ports: text = '' } = rowsOf((await runPortolan(args)).stdout)
  const [, first = ''] = /^100: ([\d,-]+) \.\.\. \(all of them: --format json\)$/.exec(text) ?? []
  const { ports } = JSON.parse((await runPortolan([...args, '--format', 'json'])).stdout)
  expect(first).not.toBe('')
  expect(ports.startsWith(`${first},`)).toBe(true)
})

test('--list prints the addresses that are left, one a line, in order', async () => {
  const args = ['scan', '192.0.2.0/29', '2001:db8::1', '--exclude', '192.0.2.2-5', '-p', '22', '--list']
  const { code, stdout, stderr } = await runPortolan(args)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe('192.0.2.0\n192.0.2.1\n192.0.2.6\n192.0.2.7\n2001:db8::1\n')
})
