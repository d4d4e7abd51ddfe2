/**
 * Connectionless LDAP over UDP ([MS-ADTS] section 6.3.3): the same messages as LDAP, one search and its result in one
 * datagram each. Domain controllers alone speak it today.
 */
import { cldap as question } from '#core/probe/udp/cldap.ts'
import { ask } from '../ask.ts'
import { ldapRoot, ldapService, parseLdap } from '../ldap-root.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

export const cldap: Protocol = { name: 'cldap', transport: 'udp', ports: [389], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const messages = parseLdap(bytes)
  return messages.length > 0 ? ldapService('ldap', ldapRoot(messages)) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
