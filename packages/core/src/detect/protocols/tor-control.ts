/**
 * Tor's control port (control-spec, section 3.21):
 *
 *   request  => "PROTOCOLINFO 1" CRLF
 *   response => "250-PROTOCOLINFO 1" CRLF *("250-" line CRLF) "250-VERSION Tor=" quoted CRLF "250 OK" CRLF
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const torControl: Protocol = {
  name: 'tor-control',
  transport: 'tcp',
  ports: [9051, 9151],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 4096))
  // What it says to a browser; to any other stranger only "514 Authentication required."
  const toBrowser =
    text.startsWith('HTTP/1.0 501 Tor ControlPort is not an HTTP proxy') ||
    /^HTTP\/1\.0 501 Tor's? ControlPort/.test(text)
  if (!toBrowser && !text.startsWith('250-PROTOCOLINFO 1')) return null
  const version = /^250-VERSION Tor="([\w.-]{1,40})/m.exec(text)?.[1] ?? null
  const methods = /METHODS=([\w,]{1,80})/.exec(text)?.[1]
  return service('tor-control', {
    product: 'Tor',
    vendor: 'Tor Project',
    version,
    info: methods === undefined ? null : `authentication: ${methods}`,
    cpe: [cpe('a', 'torproject', 'tor', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('PROTOCOLINFO 1\r\n'))
  return recognise(await session.readUntil((soFar) => latin1(soFar).endsWith('250 OK\r\n')))
}
