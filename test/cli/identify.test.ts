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
  const input = ['nonsense', question(7, 'SSH-2.0-x\r\n'), '{"id":8}', question(9, 'x', { transport: 'sctp' })].join(
    '\n',
  )
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
  ])
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
