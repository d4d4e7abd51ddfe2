/**
 * uwsgi, between web servers and uWSGI (uWSGI documentation, "The uwsgi Protocol"):
 *
 *   packet   => modifier1, U16LE size, modifier2, *variable          modifiers 0: a request
 *   variable => U16LE length, name, U16LE length, value
 *   answer   => SERVER_PROTOCOL of the request, " ", status, CRLF, headers and body as in HTTP
 *
 * So a protocol nobody else has comes back. To HTTP it says nothing: `GET ` is a packet longer than it takes.
 */
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import { parseHttp } from '../http-message.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

export const uwsgi: Protocol = {
  name: 'uwsgi',
  transport: 'tcp',
  ports: [3031],
  opens: 'client',
  recognise,
  identify,
}

const OURS = 'uwsgi/1.9'
const VARIABLES = { REQUEST_METHOD: 'GET', REQUEST_URI: '/', PATH_INFO: '/', SERVER_PROTOCOL: OURS }

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, `${OURS} `)) return null
  const response = parseHttp(Buffer.concat([Buffer.from('HTTP/1.1'), bytes.subarray(OURS.length)]))
  return response === null
    ? null
    : service('uwsgi', {
        product: 'uWSGI',
        vendor: 'Unbit',
        cpe: [cpe('a', 'unbit', 'uwsgi')],
        facts: { status: response.status },
      })
}

async function identify(session: Session): Promise<Service | null> {
  const variables = new Writer()
  for (const [name, value] of Object.entries(VARIABLES))
    variables.u16le(name.length).latin1(name).u16le(value.length).latin1(value)
  await session.write(new Writer().u8(0).u16le(variables.length).u8(0).bytes(variables.finish()).finish())
  return understood(session, recognise)
}
