/** PowerMan (powerman(1), client_proto.h): greeting => "001" SP version CRLF "powerman> " */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { decode } from '../text.ts'
import { versionToken } from '../version.ts'

export const powerman: Protocol = {
  name: 'powerman',
  transport: 'tcp',
  ports: [10101],
  opens: 'server',
  recognise,
}

function recognise(bytes: Uint8Array): Service | null {
  const version = /^001 (\d[\w.-]{0,30})\r\npowerman> /.exec(decode(bytes.subarray(0, 64)))?.[1]
  return version === undefined ? null : service('powerman', { product: 'PowerMan', version: versionToken(version) })
}
