/** Endpoints that try every format: plain, hostile, both families, both transports. */
import type { TlsFacts } from '#core/detect/protocol.ts'
import type { EndpointRecord } from '#core/format/endpoint-record.ts'
import type { ResultWriter, RunFacts, RunSummary } from '#core/format/result-writer.ts'

export const RUN: RunFacts = {
  version: '0.1.0',
  startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  command: 'portolan scan 192.0.2.0/30 "-p" 1-1024 --label <x>',
  ports: { tcp: [{ first: 1, last: 1024 }], udp: [{ first: 53, last: 53 }] },
  tcpEngine: 'syn',
}

export const SUMMARY: RunSummary = { finishedAt: RUN.startedAt + 12_340, hosts: 4, up: 2, outcome: 'success' }

export const TLS: TlsFacts = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  alpn: 'h2',
  sni: 'www.example',
  certificate: {
    subject: 'CN=www.example',
    issuer: 'CN=Test CA',
    names: ['www.example', 'example'],
    notBefore: '2026-01-01T00:00:00.000Z',
    notAfter: '2026-04-01T00:00:00.000Z',
    serial: '01',
    sha256: 'ab'.repeat(32),
    keyType: 'ec',
    keyBits: 256,
    signatureAlgorithm: 'ecdsa-with-SHA256',
    selfSigned: false,
    expired: false,
  },
}

const none = { product: null, version: null, info: null, cpe: [], tls: null }

export const SSH: EndpointRecord = {
  ip: '192.0.2.1',
  hostname: 'a.example',
  port: 22,
  transport: 'tcp',
  state: 'open',
  reason: 'syn-ack',
  rtt: 0.25,
  service: {
    name: 'ssh',
    product: 'OpenSSH',
    version: '9.2p1',
    info: 'Debian 2+deb12u3; protocol 2.0',
    cpe: ['cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*'],
    tls: null,
    method: 'probed',
    confidence: 1,
    os: 'Linux',
    device: null,
    hostname: null,
  },
}

export const ENDPOINTS: readonly EndpointRecord[] = [
  SSH,
  { ...SSH, port: 80, rtt: null, state: 'filtered', reason: 'no-response', service: null },
  {
    ...SSH,
    port: 443,
    service: { ...none, name: 'http', product: 'nginx', version: '1.22.1', tls: TLS, method: 'probed', confidence: 1 },
  },
  {
    ...SSH,
    port: 8080,
    service: {
      ...none,
      name: 'http',
      product: '=cmd|"/c calc"!A1',
      info: '<script>alert("x")</script>\u0000\u001b[31m, / & \u202eevil\nsecond line',
      method: 'probed',
      confidence: 0.9,
    },
  },
  { ...SSH, port: 53, transport: 'udp', state: 'open|filtered', reason: 'no-response', rtt: null, service: null },
  {
    ip: '2001:db8::1',
    port: 5432,
    transport: 'tcp',
    state: 'open',
    reason: 'conn-accept',
    rtt: 1,
    service: { ...none, name: 'postgresql', method: 'table', confidence: 0.3 },
  },
]

export function write(writer: ResultWriter, endpoints: readonly EndpointRecord[] = ENDPOINTS): string {
  return writer.start(RUN) + endpoints.map((endpoint) => writer.endpoint(endpoint)).join('') + writer.end(SUMMARY)
}

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The text as bytes, cut into pieces of `size`, so that everything straddles a border somewhere. */
export function* inPieces(text: string, size: number): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
