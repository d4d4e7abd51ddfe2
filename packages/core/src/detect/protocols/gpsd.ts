/** gpsd (gpsd_json(5)): greeting => {"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,...} CRLF */
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const gpsd: Protocol = { name: 'gpsd', transport: 'tcp', ports: [2947], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  if (!line.startsWith('{"class":"VERSION"')) return null
  const version = /"release":"([\w.~-]{1,40})"/.exec(line)?.[1] ?? null
  return service('gpsd', { product: 'gpsd', version, cpe: [cpe('a', 'gpsd_project', 'gpsd', version)] })
}
