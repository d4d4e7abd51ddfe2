import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { identifyLine } from '@portolan/cli/src/identify/identify-command.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const question = (id: number, text: string, more: object = {}) =>
  JSON.stringify({ id, transport: 'tcp', data: Buffer.from(text, 'latin1').toString('base64'), ...more })

test('answers line for line, with null where nobody knows', async () => {
  const input = [question(1, 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'), '', question(2, '\x01\x02\x03')].join('\n')
  const { code, stdout } = await runPortolan(['identify'], { input })
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(code).toBe(0)
  expect(Object.keys(answers[0])).toEqual(['id', 'service', 'product', 'version', 'vendor', 'info', 'os', 'cpe'])
  expect(answers).toMatchObject([
    { id: 1, service: 'ssh', product: 'OpenSSH', version: '9.2p1' },
    { id: 2, service: null, product: null, cpe: [] },
  ])
})

test('a bad line is named and the rest is answered', async () => {
  const input = [
    'nonsense',
    question(7, 'SSH-2.0-x\r\n'),
    '{"id":8}',
    question(9, 'x', { transport: 'sctp' }),
    '{"id":10,"data":"!!!"}',
  ].join('\n')
  const { code, stdout, stderr } = await runPortolan(['identify'], { input })
  expect(code).toBe(1)
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual([7])
  expect(stderr.trim().split('\n')).toEqual([
    'portolan: line 1: not a JSON object',
    'portolan: line 3: data is not base64 text',
    'portolan: line 4: transport is neither "tcp" nor "udp"',
    'portolan: line 5: data is not base64 text',
  ])
})

test('knowledge the user brings is used beside the built-in one, and what cannot be used is said', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portolan-knowledge-'))
  const probes = path.join(folder, 'probes')
  writeFileSync(
    probes,
    'Probe TCP NULL q||\nmatch widget m|^WIDGET/([\\d.]+)| p/Acme Widget/ v/$1/\nmatch x m|(?=y)| p/X/\n',
  )
  try {
    const input = [question(1, 'WIDGET/2.5 ready\r\n'), question(2, 'SSH-2.0-OpenSSH_9.2p1\r\n')].join('\n')
    const { code, stdout, stderr } = await runPortolan(['identify'], { input, env: { PORTOLAN_PROBES: probes } })
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: 1, service: 'widget', product: 'Acme Widget', version: '2.5' },
      { id: 2, service: 'ssh', product: 'OpenSSH' },
    ])
    expect([code, stderr]).toEqual([0, expect.stringContaining('1 patterns are used, 1 are not (1 for look-around)')])
    const missing = await runPortolan(['identify', '--recog', path.join(folder, 'none')], { input })
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('cannot be read')])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a port decides between protocols that greet in the same words', () => {
  const greeted = (port: unknown) => identifyLine(JSON.stringify({ port, data: btoa('220 host.example.net\r\n') }))
  expect([21, 25, null].map((port) => JSON.parse(greeted(port)).service)).toEqual(['ftp', 'smtp', 'smtp'])
  expect(greeted(99_999)).toContain('port is not a number from 0 to 65535')
})

test('whatever the bytes, the answer is a line of JSON without control characters', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('tcp', 'udp'), (bytes, transport) => {
      const line = identifyLine(JSON.stringify({ id: 'x', transport, data: Buffer.from(bytes).toString('base64') }))
      expect(JSON.parse(line)).toMatchObject({ id: 'x' })
      expect(line).not.toMatch(/[\x00-\x1f\x7f]/)
    }),
  )
})
