/**
 * Gearman (http://gearman.org/protocol): packets, and lines for administrators, on the same port.
 *
 *   packet  = "\0REQ" | "\0RES"  type(4) size(4) data
 *   line    => "version" LF => ["OK "] version LF
 *
 * ECHO_REQ (16) comes back as ECHO_RES (17) with our token: that proves it. The version follows as a line.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { upstream } from '../version.ts'

const [ECHO_REQUEST, ECHO_RESPONSE] = [16, 17]
const LAST_TYPE = 42
const MAGIC = '\0RES'

export const gearman: Protocol = {
  name: 'gearman',
  transport: 'tcp',
  ports: [4730, 7003],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const packet = parseGearmanPacket(bytes)
  if (!packet) return null
  const told = /^(?:OK )?v?(\d+\.\d+[\w.+~-]{0,20})\r?\n/.exec(latin1(packet.rest.subarray(0, 64)))?.[1]
  const version = told === undefined ? null : upstream(told)
  const id = cpe('a', 'gearman', 'gearman', version)
  return service('gearman', { product: 'Gearman', vendor: 'Gearman', version, cpe: [id] })
}

async function identify(session: Session): Promise<Service | null> {
  const echo = new Writer().latin1('\0REQ').u32(ECHO_REQUEST).u32(4).u32(session.token)
  await session.write(echo.latin1('version\n').finish())
  const answer = await session.readUntil((soFar) => soFar.length > 16 && soFar.subarray(16).includes(10))
  const packet = parseGearmanPacket(answer)
  if (packet?.type !== ECHO_RESPONSE) return null
  return orNull(() => new Reader(packet.data).u32()) === session.token ? recognise(answer) : null
}

export interface GearmanPacket {
  readonly type: number
  readonly data: Uint8Array
  readonly rest: Uint8Array
}

export function parseGearmanPacket(bytes: Uint8Array): GearmanPacket | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.latin1(4) !== MAGIC) return null
    const type = reader.u32()
    const data = reader.take(reader.u32())
    return type > 0 && type <= LAST_TYPE ? { type, data, rest: reader.rest() } : null
  })
}
