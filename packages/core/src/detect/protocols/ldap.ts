/**
 * LDAP over TCP or TLS (RFC 4511): asks for the root entry, then for StartTLS (section 4.14) where it is offered.
 *
 *   request  => SEQUENCE { id, [APPLICATION 23] { [0] "1.3.6.1.4.1.1466.20037" } }
 *   response => SEQUENCE { id, [APPLICATION 24] { code, matchedDN, message, ... } }
 */
import { BER, tlv, tlvInteger, tlvText } from '#core/wire/ber.ts'
import { attempt } from '../ask.ts'
import { isLdapEnd, ldapResult, ldapRoot, ldapRootSearch, ldapService, parseLdap, START_TLS } from '../ldap-root.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

const [EXTENDED_REQUEST, REQUEST_NAME] = [0x77, 0x80]
const SUCCESS = 0

export const ldap: Protocol = {
  name: 'ldap',
  transport: 'tcp',
  ports: [389, 636, 3268, 3269],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const messages = parseLdap(bytes)
  return messages.length > 0 ? ldapService('ldap', ldapRoot(messages)) : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(ldapRootSearch(1))
  const found = recognise(await session.readUntil(isLdapEnd))
  if (found && found.facts.startTls === true && !session.tls) await attempt(() => startTls(session))
  return found
}

async function startTls(session: Session): Promise<void> {
  const name = tlv(EXTENDED_REQUEST, tlvText(START_TLS, REQUEST_NAME))
  await session.write(tlv(BER.sequence, tlvInteger(2), name))
  if (ldapResult(parseLdap(await session.readUntil(isLdapEnd))) === SUCCESS) await session.startTls()
}
