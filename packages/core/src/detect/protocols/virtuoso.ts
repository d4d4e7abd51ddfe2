/**
 * OpenLink Virtuoso's SQL port (virtuoso-opensource source, libsrc/Dk/Dkmarsh.h and Dkernel.c): values of the server's
 * own marshalling, of which a few kinds are enough.
 *
 *   value    => 0xc1 small items      array        small => 0xbc U8
 *             / 0xb5 U8 text          short string
 *   question => array of 5: 1, number, 0, "caller_identification", array of 1: 0
 *   answer   => array of 4: 2, number, array of 1: array of 3: server's name, connection's name, ...
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const STRING = 0xb5
const ANSWER_HEAD = Buffer.from('c1bc04bc02bc', 'hex')
const ANSWER_BODY = Buffer.from('c1bc01c1bc03', 'hex')
const CALL = 'caller_identification'
const QUESTION = new Writer()
  .bytes(Buffer.from('c1bc05bc01bc00bc00b5', 'hex'))
  .u8(CALL.length)
  .latin1(CALL)
  .bytes(Buffer.from('c1bc01bc00', 'hex'))
  .finish()

export const virtuoso: Protocol = {
  name: 'virtuoso',
  transport: 'tcp',
  ports: [1111],
  opens: 'client',
  hangsUp: true,
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (!ANSWER_HEAD.equals(reader.take(ANSWER_HEAD.length))) return null
    reader.skip(1)
    if (!ANSWER_BODY.equals(reader.take(ANSWER_BODY.length)) || reader.u8() !== STRING) return null
    return service('virtuoso', {
      product: 'Virtuoso',
      vendor: 'OpenLink Software',
      cpe: [cpe('a', 'openlinksw', 'virtuoso')],
      facts: { server: clean(latin1(reader.take(reader.u8()))) },
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(QUESTION)
  return recognise(await session.read(20))
}
