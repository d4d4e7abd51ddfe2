/** Kerberos 5 over UDP (RFC 4120 section 7.2.1): one message a datagram. A stranger's request is answered KRB-ERROR. */
import { kerberos } from '#core/probe/udp/kerberos.ts'
import { ask } from '../ask.ts'
import { kerberosService, parseKerberosError } from '../kerberos-error.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const kerberosUdp: Protocol = {
  name: 'kerberos-udp',
  transport: 'udp',
  ports: [88],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const error = parseKerberosError(bytes)
  return error && kerberosService(error)
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, kerberos)
  return reply && recognise(reply)
}
