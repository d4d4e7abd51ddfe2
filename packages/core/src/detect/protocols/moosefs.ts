/**
 * MooseFS (moosefs source, mfscommon/MFSCommunication.h), every daemon of it on every port:
 *
 *   packet   => U32 type, U32 length, data       type 0 is nothing, to keep the connection; the master sends it unasked
 *   question => type 10, no data                 which version?
 *   answer   => type 11, U32 version (major(2) middle(1) minor(1)), text
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { versionToken } from '../version.ts'

const [NOTHING, VERSION_QUESTION, VERSION_ANSWER] = [0, 10, 11]
const VERSION_CAP = 100
/** Packets of nothing before the answer. */
const IDLE_CAP = 8

export const moosefs: Protocol = {
  name: 'moosefs',
  transport: 'tcp',
  ports: [9419, 9420, 9421, 9422],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    let [type, length] = [reader.u32(), reader.u32()]
    for (let i = 0; i < IDLE_CAP && type === NOTHING && length <= 4; i++) {
      reader.skip(length)
      ;[type, length] = [reader.u32(), reader.u32()]
    }
    if (type !== VERSION_ANSWER || length < 5 || length > VERSION_CAP) return null
    const major = reader.u16()
    reader.skip(2)
    const text = clean(reader.latin1(length - 4))
    if (!text.startsWith(`${major}.`)) return null
    return service('moosefs', {
      product: 'MooseFS',
      vendor: 'MooseFS',
      version: versionToken(text.replace(/-\d+$/, '')),
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Uint8Array.of(0, 0, 0, VERSION_QUESTION, 0, 0, 0, 0))
  return understood(session, recognise)
}
