/**
 * CVS password server (CVS client/server protocol, "Connection and Authentication"):
 *
 *   request  => "BEGIN VERIFICATION REQUEST" LF root LF user LF password LF "END VERIFICATION REQUEST" LF
 *   response => "I LOVE YOU" / "I HATE YOU" LF / "error " code SP text LF
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'

export const cvsPserver: Protocol = {
  name: 'cvs-pserver',
  transport: 'tcp',
  ports: [2401],
  opens: 'client',
  recognise,
  identify,
}

const ANSWER =
  /^(?:I (?:LOVE|HATE) YOU$|E? ?error \d? ?\/?.{0,100}no such repository|cvs \[?pserver|error {1,2}(?:0 )?.{0,60}(?:repository|CVSROOT))/

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  if (!ANSWER.test(line)) return null
  return service('cvspserver', { product: 'CVS', info: clean(line), cpe: [cpe('a', 'cvs', 'cvs')] })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('BEGIN VERIFICATION REQUEST\n/portolan\nportolan\nA\nEND VERIFICATION REQUEST\n'))
  return recognise(await session.readUntil((soFar) => latin1(soFar).includes('\n')))
}
