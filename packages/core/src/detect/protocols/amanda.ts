/**
 * Amanda backup clients over UDP (Amanda source, common-src/bsdudp-security.c and security-util.c):
 *
 *   answer => "Amanda " version (" REP " / " NAK " / " ACK " / " PREP ") "HANDLE " handle " SEQ " number LF text
 */
import { amanda as question } from '#core/probe/udp/amanda.ts'
import { latin1 } from '#core/wire/reader.ts'
import { ask, attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { versionToken } from '../version.ts'

/** The client acknowledges the request before it answers. */
const REPLIES = 2
const PACKET = /^Amanda (\d[\d.]{0,10}) (REP|PREP|NAK|ACK) HANDLE \S{1,40} SEQ \d{1,12}\n/

export const amanda: Protocol = {
  name: 'amanda',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 2048))
  const [whole, version = ''] = PACKET.exec(text) ?? []
  if (whole === undefined) return null
  // The port is ours, and another one each time.
  const error = /^ERROR ([^\n]{1,300})/m.exec(text)?.[1]?.replace(/: port \d{1,5} not secure/, ': port not secure')
  return service('amanda', {
    product: 'Amanda client',
    vendor: 'Zmanda',
    version: versionToken(version),
    info: error ? clean(error) : null,
  })
}

async function identify(session: Session): Promise<Service | null> {
  let found: Service | null = null
  for (let i = 0; i < REPLIES && !found?.info; i++) {
    const reply = await (i === 0 ? ask(session, question) : attempt(() => session.read()))
    found = (reply && recognise(reply)) ?? found
  }
  return found
}
