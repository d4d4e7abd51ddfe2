/** TLS servers that are not like others: each is still seen as TLS, with the certificate where it shows one. */
import { createSecureContext, type TlsOptions } from 'node:tls'
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { certificate, tcpServer, tlsServer } from '#test/support/live-server.ts'

const PAGE = 'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok'
const web = (options: Parameters<typeof tlsServer>[1]) =>
  tlsServer((socket) => socket.once('data', () => socket.end(PAGE)), options)
const detect = ({ port }: { readonly port: number }, hostname: string | null = null) =>
  createDetector({ mode: 'light' }).detect({ address: '127.0.0.1', port, transport: 'tcp', hostname })
const inside = { status: 'identified', service: { name: 'http', product: 'nginx', version: '1.22.1' } }
const shown = { names: ['harbour.test', '*.harbour.test', '127.0.0.1'] }

test.concurrent.each(['TLSv1.2', 'TLSv1.3'] as const)('one that wants a client certificate, %s', async (version) => {
  await using server = await web({
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: version,
    maxVersion: version,
  })
  expect(await detect(server)).toMatchObject({
    status: 'identified',
    tls: { protocol: version, certificate: shown },
    service: { name: 'ssl' },
  })
})

test.concurrent('one that has no certificate', async () => {
  await using server = await web({ cert: '', key: '', ciphers: 'aNULL:@SECLEVEL=0', maxVersion: 'TLSv1.2' })
  expect(await detect(server)).toMatchObject({
    ...inside,
    tls: { cipher: expect.stringContaining('_anon_'), certificate: null },
  })
})

test.concurrent('one that has stopped at TLS 1.0', async () => {
  const old = { ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1', maxVersion: 'TLSv1' } as const
  await using server = await web(old)
  expect(await detect(server)).toMatchObject({ ...inside, tls: { protocol: 'TLSv1', certificate: shown } })
})

test.concurrent('one that wants to be called by a name, when none is known', async () => {
  await using server = await tcpServer((socket) =>
    socket.once('data', (hello) =>
      socket.end(hello[0] === 22 ? Uint8Array.of(21, 3, 3, 0, 2, 2, 112) : new Uint8Array()),
    ),
  )
  expect(await detect(server)).toMatchObject({
    status: 'identified',
    service: { name: 'ssl', facts: { alert: expect.stringMatching(/NAME/) } },
  })
})

type Sni = NonNullable<TlsOptions['SNICallback']>
/** Hangs up on those who call it by another name. */
const harbourAlone: Sni = (name, done) =>
  name === 'harbour.test' ? done(null, createSecureContext(certificate())) : done(new Error('nobody of that name'))
const nobody = { cert: '', key: '', SNICallback: harbourAlone }

test.concurrent('one that has a certificate for one name alone, called by it', async () => {
  await using server = await web(nobody)
  expect(await detect(server, 'harbour.test')).toMatchObject({
    ...inside,
    tls: { sni: 'harbour.test', certificate: shown },
  })
})

test.concurrent.each([null, 'other.test'])('the same, called %s', async (hostname) => {
  await using server = await web(nobody)
  expect(await detect(server, hostname)).toMatchObject({
    status: 'identified',
    tls: null,
    service: { name: 'ssl', facts: { alert: expect.stringContaining('HANDSHAKE_FAILURE') } },
  })
})

test.concurrent('one that hangs up on a wrong name, and serves those who use none', async () => {
  await using server = await web({ SNICallback: harbourAlone })
  expect(await detect(server, 'other.test')).toMatchObject({ ...inside, tls: { sni: null, certificate: shown } })
})

test.concurrent('one that refuses TLS without a name, and says in HTTP that it wanted TLS, as nginx does', async () => {
  const page = '<title>400 The plain HTTP request was sent to HTTPS port</title>'
  const complaint = `HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\n\r\n${page}`
  await using server = await tcpServer((socket) =>
    socket.once('data', (asked) => socket.end(asked[0] === 22 ? Uint8Array.of(21, 3, 3, 0, 2, 2, 112) : complaint)),
  )
  const alert = expect.stringContaining('UNRECOGNIZED_NAME')
  expect(await detect(server)).toMatchObject({
    ...inside,
    tls: null,
    service: { ...inside.service, info: 'TLS alert', facts: { alert } },
  })
})
