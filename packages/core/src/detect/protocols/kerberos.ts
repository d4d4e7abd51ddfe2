/**
 * Kerberos 5 over TCP (RFC 4120 section 7.2.2):
 *
 *   stream = (length(4) message)*        the top bit of the length is reserved
 *
 * A request for a user and a realm nobody has is answered KRB-ERROR, which carries the server's clock.
 */
import { kerberos as question } from '#core/probe/udp/kerberos.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { kerberosService, parseKerberosError } from '../kerberos-error.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const kerberos: Protocol = {
  name: 'kerberos',
  transport: 'tcp',
  ports: [88],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const message = orNull(() => {
    const reader = new Reader(bytes)
    return reader.take(reader.u32())
  })
  const error = message && parseKerberosError(message)
  return error && kerberosService(error)
}

async function identify(session: Session): Promise<Service | null> {
  const message = question.datagram(session.token)
  await session.write(new Writer().u32(message.length).bytes(message).finish())
  return recognise(await session.readUntil((soFar) => soFar.length >= 4 && recognise(soFar) !== null))
}
