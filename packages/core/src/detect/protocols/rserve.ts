/**
 * Rserve (https://www.rforge.net/Rserve/dev.html), an identification of 32 bytes in words of four:
 *
 *   greeting => "Rsrv" version(4 digits) "QAP1" attribute*        "ARpt": a password in plain text is wanted
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const rserve: Protocol = { name: 'rserve', transport: 'tcp', ports: [6311], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const [, protocol, kind, attributes = ''] =
    /^Rsrv(\d{4})(QAP1|OCAP)([\x20-\x7e\r\n]{0,40})/.exec(latin1(bytes.subarray(0, 48))) ?? []
  if (protocol === undefined) return null
  const authentication = /AR(?:pt|uc|k5)/.test(attributes)
  return service('rserve', {
    product: 'Rserve',
    vendor: 'RForge',
    info: `protocol ${protocol} ${kind}, ${authentication ? 'password required' : 'no password'}`,
    facts: { protocol, authentication },
  })
}
