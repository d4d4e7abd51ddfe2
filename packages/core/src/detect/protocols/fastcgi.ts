/**
 * FastCGI (FastCGI specification 1.0, section 4.1):
 *
 *   record => 1 type U16 requestId U16 contentLength paddingLength reserved content padding
 *   FCGI_GET_VALUES (9) is answered by FCGI_GET_VALUES_RESULT (10) with name-value pairs
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const fastcgi: Protocol = {
  name: 'fastcgi',
  transport: 'tcp',
  ports: [9000, 9001],
  opens: 'client',
  recognise,
  identify,
}

const GET_VALUES = 9
const GET_VALUES_RESULT = 10
const UNKNOWN_TYPE = 11
const NAMES = ['FCGI_MAX_CONNS', 'FCGI_MPXS_CONNS']
/** A handful of short pairs. */
const CONTENT_CAP = 1024

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [version, type, id] = [reader.u8(), reader.u8(), reader.u16()]
    if (version !== 1 || (type !== GET_VALUES_RESULT && type !== UNKNOWN_TYPE) || id !== 0) return null
    const length = reader.u16()
    const padding = reader.u8()
    if (reader.u8() !== 0) return null
    const content = latin1(reader.take(length, CONTENT_CAP))
    if (reader.remaining !== padding && reader.remaining !== 0) return null
    if (type === UNKNOWN_TYPE) return length === 8 ? service('fastcgi', { confidence: 0.9 }) : null
    return length === 0 || content.includes('FCGI_') ? service('fastcgi', { confidence: length === 0 ? 0.8 : 1 }) : null
  })
}

async function identify(session: Session): Promise<Service | null> {
  const pairs = new Writer()
  for (const name of NAMES) pairs.u8(name.length).u8(0).latin1(name)
  const content = pairs.finish()
  await session.write(new Writer().u8(1).u8(GET_VALUES).u16(0).u16(content.length).u8(0).u8(0).bytes(content).finish())
  return understood(session, recognise)
}
