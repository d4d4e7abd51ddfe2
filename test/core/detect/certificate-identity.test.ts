/** What a certificate made by a product adds to what the server says of itself. */
import { expect, test } from 'vitest'
import { withCertificate } from '#core/detect/certificate-identity.ts'
import { createDetector } from '#core/detect/detect.ts'
import type { CertificateFacts, Service } from '#core/detect/protocol.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { service } from '#core/detect/service.ts'
import { certificate, tlsServer } from '#test/support/live-server.ts'

const issued = (subject: string, issuer = subject): CertificateFacts => ({
  subject,
  issuer,
  names: [],
  notBefore: '2024-01-01T00:00:00Z',
  notAfter: '2034-01-01T00:00:00Z',
  serial: '01',
  sha256: '00',
  keyType: 'rsa',
  keyBits: 2048,
  signatureAlgorithm: null,
  selfSigned: subject === issuer,
  expired: false,
})
const FORTIGATE = issued('C=US, ST=California, L=Sunnyvale, O=Fortinet, OU=FortiGate, CN=FGT60D4613048017')
const named = (known: Partial<Service>) => service('http', known)

test('a server that says nothing is named by its certificate', () => {
  expect(withCertificate(named({}), FORTIGATE)).toMatchObject({
    product: 'FortiGate',
    vendor: 'Fortinet',
    device: 'firewall',
  })
})

test("a device's own certificate is often signed by its maker: the issuer tells as well", () => {
  const ours = issued('CN=192.0.2.7', 'C=IN, O=Cyberoam, CN=Cyberoam SSL CA')
  expect(withCertificate(named({}), ours)).toMatchObject({ product: 'Cyberoam', device: 'firewall' })
})

test('where a maker signs for many, the common name tells the model, unless it is the name of a host', () => {
  const of = (subject: string) => withCertificate(named({}), issued(subject))
  expect(of('O=Moxa, CN=NPort')).toMatchObject({ product: 'Moxa NPort', vendor: 'Moxa' })
  expect(of('CN=RNP0026731A2B3C, O=RICOH')).toMatchObject({ vendor: 'Ricoh', device: 'printer' })
  expect(of('O=Siemens AG, CN=www.siemens.test')).toMatchObject({ product: null })
  expect(of('O=Zorquib, CN=gateway')).toMatchObject({ product: null })
})

test('a server that names itself keeps its name', () => {
  const known = named({ product: 'xxx', version: '1.0', device: null })
  expect(withCertificate(known, FORTIGATE)).toMatchObject({ product: 'xxx', version: '1.0', device: 'firewall' })
  const nginx = named({ product: 'nginx', vendor: 'F5', info: 'Ubuntu' })
  expect(withCertificate(nginx, FORTIGATE)).toMatchObject({ product: 'nginx', vendor: 'F5', info: 'Ubuntu; FortiGate' })
})

test('other protocols learn the device, not the product', () => {
  const nas = issued('C=TW, L=Taipei, O=Synology Inc., CN=synology')
  expect(withCertificate(service('imap'), nas)).toMatchObject({ product: null, device: 'storage' })
})

test.each(['CN=www.harbour.test', 'O=My Company, CN=quay', 'CN=a@b', ''])(
  "an owner's certificate adds nothing: %s",
  (s) => {
    const known = named({ product: null })
    expect(withCertificate(known, issued(s, "C=US, O=Let's Encrypt, CN=R3"))).toEqual(known)
    expect(withCertificate(known, null)).toEqual(known)
  },
)

test('a kubelet, which answers strangers with nothing but its certificate', async () => {
  const page = (status: string, text: string) =>
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${text.length}\r\n\r\n${text}`
  await using server = await tlsServer(
    (socket) =>
      socket.on('data', (request) =>
        socket.end(
          /^GET \/(?:pods|metrics) /.test(`${request}`)
            ? page('401 Unauthorized', 'Unauthorized')
            : page('404 Not Found', '404 page not found\n'),
        ),
      ),
    certificate('kubelet'),
  )
  const protocols = PROTOCOLS.filter((p) => p.name === 'http')
  const target = { address: '127.0.0.1', port: server.port, transport: 'tcp' } as const
  expect(await createDetector({ mode: 'light', protocols }).detect(target)).toMatchObject({
    service: { name: 'http', product: 'Kubernetes kubelet', vendor: 'Kubernetes' },
    tls: { certificate: { subject: 'CN=worker-1@1696156800' } },
  })
})

test('who keeps silent inside TLS is named by the certificate, as a guess', async () => {
  await using server = await tlsServer(() => {}, certificate('kubelet'))
  const protocols = PROTOCOLS.filter((p) => p.name === 'http')
  const target = { address: '127.0.0.1', port: server.port, transport: 'tcp' } as const
  expect(await createDetector({ mode: 'light', protocols }).detect(target)).toMatchObject({
    status: 'identified',
    service: { name: 'ssl', product: 'Kubernetes kubelet', confidence: 0.5 },
  })
})
