/**
 * SpamAssassin's spamd (SPAMC/SPAMD protocol 1.5):
 *
 *   request  => "PING SPAMC/1.2" CRLF CRLF
 *   response => "SPAMD/" version SP code SP text CRLF
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const spamd: Protocol = { name: 'spamd', transport: 'tcp', ports: [783], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const found = /^SPAMD\/(\d{1,2}\.\d{1,2}) \d{1,3} /.exec(firstLine(bytes))
  if (found === null) return null
  return service('spamd', {
    product: 'SpamAssassin spamd',
    vendor: 'Apache',
    info: `protocol ${found[1]}`,
    cpe: [cpe('a', 'apache', 'spamassassin')],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('PING SPAMC/1.2\r\n\r\n'))
  return recognise(await session.read(8))
}
