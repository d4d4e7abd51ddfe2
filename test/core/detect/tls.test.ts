/** TLS against real servers: facts, refusals, what only the hand-made hello can read, and upgrades of every dialect. */
import { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { fixturesOf } from '#test/support/fixture.ts'
import { certificate, talkingServer, tcpServer, tlsServer } from '#test/support/live-server.ts'

const detect = ({ port }: { readonly port: number }, names: readonly string[]) =>
  createDetector({ mode: 'light', protocols: PROTOCOLS.filter((p) => names.includes(p.name)) }).detect({
    address: '127.0.0.1',
    port,
    transport: 'tcp',
  })

const OURS = { certificate: { subject: 'C=XX, O=Portolan test, CN=harbour.test', keyBits: 2048, selfSigned: true } }

test('SSL 3.0 and 2.0, which no library speaks any more, are TLS all the same', async () => {
  for (const [name, protocol, type] of [
    ['ssl/sslv3', 'SSLv3', 0x16],
    ['ssl/sslv2', 'SSLv2', 0x80],
  ] as const) {
    const flight =
      fixturesOf('ssl')
        .find((f) => f.name === name)
        ?.exchange.at(-1)?.reply ?? new Uint8Array()
    // Deaf to hellos of its time to come, as such servers are: a version alert, or the end.
    await using server = await tcpServer((socket) =>
      socket.once('data', (hello) => {
        const mine = type === 0x80 ? (hello[0] ?? 0) >= 0x80 : hello[0] === 22 && hello[10] === 0
        socket.end(mine ? flight : hello[0] === 22 ? Buffer.from([21, 3, 0, 0, 2, 2, 70]) : '')
      }),
    )
    const detection = await detect(server, ['http', 'ssl'])
    expect(detection, name).toMatchObject({
      status: 'identified',
      service: { name: 'ssl' },
      tls: { protocol, certificate: { subject: 'CN=old.example, O=Museum', keyBits: 1024, keyType: 'rsa' } },
    })
  }
})

test('a server that wants a certificate of ours still shows its own', async () => {
  const picky = { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } as const
  await using server = await tlsServer(() => {}, picky)
  expect(await detect(server, ['http'])).toMatchObject({ tls: { protocol: 'TLSv1.2', ...OURS } })
})

/** Greeting, then pairs of a question and its answer; TLS begins after the last. */
type Script = readonly [protocol: string, greeting: string, script: readonly (readonly [RegExp, string])[]]

const SCRIPTS: readonly Script[] = [
  [
    'smtp',
    '220 mx.example ESMTP Postfix\r\n',
    [
      [/^EHLO/, '250-mx\r\n250 STARTTLS\r\n'],
      [/^STARTTLS/, '220 ok\r\n'],
    ],
  ],
  [
    'lmtp',
    '220 mx.example LMTP Dovecot ready\r\n',
    [
      [/^LHLO/, '250-mx\r\n250 STARTTLS\r\n'],
      [/^STARTTLS/, '220 ok\r\n'],
    ],
  ],
  ['imap', '* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n', [[/^a STARTTLS/, 'a OK begin\r\n']]],
  ['pop3', '+OK Dovecot ready.\r\n', [[/^STLS/, '+OK begin\r\n']]],
  ['ftp', '220 (vsFTPd 3.0.3)\r\n', [[/^AUTH TLS/, '234 go\r\n']]],
  ['nntp', '200 news.example InterNetNews NNRP server INN 2.7.1 ready\r\n', [[/^STARTTLS/, '382 go\r\n']]],
  ['managesieve', '"IMPLEMENTATION" "Dovecot"\r\n"SIEVE" "fileinto"\r\nOK "hi"\r\n', [[/^STARTTLS/, 'OK "go"\r\n']]],
]

test.each(SCRIPTS)('%s: TLS on request, with its certificate', async (protocol, greeting, script) => {
  await using server = await tcpServer((socket) => {
    let done = 0
    socket.write(greeting)
    const onData = (asked: Buffer) => {
      const next = script[done]
      if (next === undefined || !next[0].test(`${asked}`)) return socket.write('500 what?\r\n')
      socket.write(next[1])
      if (++done < script.length) return
      socket.off('data', onData)
      new TLSSocket(socket, { isServer: true, ...certificate() }).on('error', () => {})
    }
    socket.on('data', onData)
  })
  const detection = await detect(server, [protocol])
  expect(detection).toMatchObject({ status: 'identified', tls: null })
  expect(detection.status === 'identified' && detection.service.facts.startTls).toMatchObject(OURS)
})

test('an upgrade that is granted and never comes costs nothing that was known', async () => {
  await using server = await talkingServer('220 (vsFTPd 3.0.3)\r\n', (asked) =>
    `${asked}`.startsWith('AUTH') ? '234 go\r\n' : null,
  )
  const detection = await detect(server, ['ftp'])
  expect(detection).toMatchObject({ service: { name: 'ftp', product: 'vsftpd', version: '3.0.3' } })
  expect(detection.status === 'identified' && detection.service.facts.startTls).toBeUndefined()
})
