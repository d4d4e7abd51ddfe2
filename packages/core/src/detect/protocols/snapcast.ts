/**
 * Snapcast control (JSON-RPC 2.0, a line a message; Snapcast's own documentation, doc/json_rpc_api/control.md):
 *
 *   request  => {"id":1,"jsonrpc":"2.0","method":"Server.GetStatus"} CRLF
 *   response => {"id":1,"jsonrpc":"2.0","result":{"server":{"server":{"snapserver":{"name","version",...}}}}}
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const snapcast: Protocol = {
  name: 'snapcast',
  transport: 'tcp',
  ports: [1705],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 16_384))
  if (!text.startsWith('{') || !text.includes('"jsonrpc":"2.0"')) return null
  const product = /"snapserver":\{[^{}]{0,400}"name":"Snapserver"[^{}]{0,400}\}/.exec(text)?.[0]
  if (product === undefined) return service('json-rpc', { confidence: 0.9 })
  const version = /"version":"([\w.-]{1,40})"/.exec(product)?.[1] ?? null
  const host = /"host":\{[^{}]{0,400}"name":"([^"]{1,255})"/.exec(text)?.[1]
  const os = /"os":"([^"]{1,100})"/.exec(text)?.[1]
  return service('snapcast', {
    product: 'Snapserver',
    version,
    vendor: 'BadAix',
    hostname: host === undefined ? null : clean(host),
    os: os === undefined ? null : clean(os),
    cpe: [cpe('a', 'badaix', 'snapcast', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('{"id":1,"jsonrpc":"2.0","method":"Server.GetStatus"}\r\n'))
  return recognise(await session.readUntil((soFar) => soFar.at(-1) === 10))
}
