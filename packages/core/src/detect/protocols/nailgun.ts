/**
 * Nailgun (nailgun protocol, http://martiansoftware.com/nailgun/protocol.html), a Java process that runs commands:
 *
 *   chunk    => U32 length, type(1), data       D working directory, C command; 1 standard output, 2 error, X exit status
 *   question => D "/", C "ng-version"           the one built-in command that changes nothing
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { versionToken } from '../version.ts'

const CHUNK_CAP = 4096
const STANDARD_OUTPUT = '1'.charCodeAt(0)
const QUESTION = new Writer().u32(1).latin1('D/').u32(10).latin1('Cng-version').finish()

export const nailgun: Protocol = {
  name: 'nailgun',
  transport: 'tcp',
  ports: [2113],
  opens: 'client',
  // Others' questions begin with the length of a gigabyte, as it sees them: it is busy looking for the memory.
  patience: 1500,
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u32()
    if (reader.u8() !== STANDARD_OUTPUT) return null
    const version = /^NailGun server version (\S{1,40})\s*$/i.exec(reader.latin1(length, CHUNK_CAP))?.[1]
    if (version === undefined) return null
    return service('nailgun', { product: 'Nailgun', vendor: 'Facebook', version: versionToken(version) })
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(QUESTION)
  return understood(session, recognise)
}
