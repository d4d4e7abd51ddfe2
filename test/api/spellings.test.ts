/**
 * The metadata service of a cloud under every name it has ever been smuggled in by. Everything is in the scope that an
 * entry can open without naming it. Only dry runs: nothing is queued and nothing could be sent.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from './test-api.ts'

let api: TestApi
/** What the resolver says next, in turn; the last answer stays. */
let answers: string[][] = []
let asked = 0
beforeAll(async () => {
  api = await openTestApi({
    async resolve() {
      asked++
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? []
    },
  })
  for (const cidr of ['0.0.0.0/0', '::/0']) await api.send('POST', '/v1/scopes', { cidr, owner: 'x', reason: 'x' })
})
afterAll(() => api.stop())

const plan = (targets: readonly string[]) => api.send('POST', '/v1/scans', { targets, ports: '80', dryRun: true })

test.each([
  ['plain', '169.254.169.254'],
  ['octal', '0251.0376.0251.0376'],
  ['one octal part', '169.254.169.0376'],
  ['hexadecimal', '0xa9.0xfe.0xa9.0xfe'],
  ['one hexadecimal number', '0xa9fea9fe'],
  ['one decimal number', '2852039166'],
  ['two parts', '169.16689662'],
  ['three parts', '169.254.43518'],
  ['a trailing dot', '169.254.169.254.'],
  ['fullwidth digits', '１６９.２５４.１６９.２５４'],
  ['circled digits', '①⑥⑨.②⑤④.①⑥⑨.②⑤④'],
  ['Arabic digits', '١٦٩.٢٥٤.١٦٩.٢٥٤'],
  ['an ideographic full stop', '169。254。169。254'],
  ['mapped into IPv6', '::ffff:169.254.169.254'],
  ['mapped, in hexadecimal', '::ffff:a9fe:a9fe'],
  ['mapped, spelled out', '0:0:0:0:0:ffff:a9fe:a9fe'],
  ['compatible with IPv6 (RFC 4291 2.5.5.1)', '::169.254.169.254'],
  ['compatible, in hexadecimal', '::a9fe:a9fe'],
  ['translated (RFC 2765)', '::ffff:0:a9fe:a9fe'],
  ['NAT64', '64:ff9b::a9fe:a9fe'],
  ['NAT64, dotted', '64:ff9b::169.254.169.254'],
  ['NAT64 of a site (RFC 8215)', '64:ff9b:1::a9fe:a9fe'],
  ['6to4', '2002:a9fe:a9fe::1'],
  ['Teredo', '2001:0:a9fe:a9fe:0:ffff:f5ff:fffe'],
  ['Teredo, the client hidden by exclusive or', '2001:0:4136:e378:8000:63bf:5601:5601'],
  ['ISATAP, link-local', 'fe80::5efe:a9fe:a9fe'],
  ['a zone id', 'fe80::1%lo'],
  ['a zone id on IPv4', '169.254.169.254%lo'],
  ['brackets', '[169.254.169.254]'],
  ['the name of a user', 'x@169.254.169.254'],
  ['a port', '169.254.169.254:80'],
  ['a URL', 'http://169.254.169.254/'],
  ['a percent sign', '169.254.169.254%2f'],
  ['a NUL', '169.254.169.254\u0000.example.org'],
  ['a line feed', '127.0.0.1\n169.254.169.254'],
  ['a zero-width space', '169.254.169.254\u200b'],
  ['the metadata service over IPv6', 'fd00:ec2::254'],
])('%s', async (_name, target) => {
  answers = [['169.254.169.254']]
  const { status, json } = await plan([target])
  if (status === 200) expect(json).toMatchObject({ hosts: 0, refused: [{ target }] })
  else expect([403, 422]).toContain(status)
})

describe('a name leads', () => {
  test.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '::169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:0:a9fe:a9fe::1',
    'fe80::1%lo',
    '0251.0376.0251.0376',
    'fd00:ec2::254',
    '::',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    'ff02::1',
    'nonsense',
  ])('to %s no more than it would by itself', async (address) => {
    for (const name of ['meta.example.org', 'META.example.org.', 'xn--bcher-kva.example', 'bücher.example']) {
      answers = [[address]]
      const { status, json } = await plan([name])
      if (status === 200) expect(json).toMatchObject({ hosts: 0, refused: [{ target: name }] })
      else expect([403, 422]).toContain(status)
    }
  })

  test('and is asked once: what it says later changes nothing', async () => {
    answers = [['127.0.0.5'], ['169.254.169.254']]
    asked = 0
    const { status, json } = await api.send('POST', '/v1/scans', {
      targets: ['rebind.example.org', 'REBIND.example.org.'],
      ports: '80',
    })
    expect([status, asked]).toEqual([202, 1])
    // Planner and workers read addresses, never the name.
    const pinned = await api.query(
      'SELECT name, host(range_start) AS first, host(range_end) AS last FROM scan_targets WHERE scan_id = $1',
      [json.id],
    )
    expect(pinned).toEqual([{ name: 'rebind.example.org', first: '127.0.0.5', last: '127.0.0.5' }])
    const again = await api.send('POST', `/v1/scans/${json.id}/rerun`)
    expect(again.json).toMatchObject({ type: '/problems/out-of-scope' })
  })

  test('to several places: every one is judged', async () => {
    answers = [['127.0.0.5', '169.254.169.254']]
    const { json } = await plan(['both.example.org'])
    expect(json).toMatchObject({ refused: [{ addresses: expect.stringContaining('169.254.169.254') }] })
  })
})
