/**
 * Ident (RFC 1413 section 4):
 *
 *   request  => server-port "," client-port CRLF
 *   response => ports ":" ("USERID" ":" os ":" user / "ERROR" ":" reason) CRLF
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'

export const ident: Protocol = { name: 'ident', transport: 'tcp', ports: [113], opens: 'client', recognise, identify }

const RESPONSE = /^\s*\d{1,5}\s*,\s*\d{1,5}\s*:\s*(?:ERROR\s*:\s*([\w-]{1,40})|USERID\s*:\s*([^:\r\n]{1,80}):)/

function recognise(bytes: Uint8Array): Service | null {
  const found = RESPONSE.exec(firstLine(bytes))
  if (found === null) return null
  return service('ident', { info: clean(found[1] ?? ''), os: clean(found[2] ?? '') || null })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('113,65535\r\n'))
  return recognise(await session.readUntil((soFar) => latin1(soFar).includes('\n')))
}
