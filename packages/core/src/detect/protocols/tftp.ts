/**
 * TFTP (RFC 1350 section 5): a request for a file nobody has is answered from a port of the server's choosing.
 *
 *   error => 5(2) code(2) message NUL          code 0..8; 1: file not found, 2: access violation
 */
import { tftp as question } from '#core/probe/udp/tftp.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const ERROR = 5
const LAST_CODE = 8
const MESSAGE_CAP = 512

export const tftp: Protocol = { name: 'tftp', transport: 'udp', ports: [69], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const error = parseTftpError(bytes)
  return error && service('tftp', { info: error.message || null, confidence: 0.9, facts: { code: error.code } })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}

/** An error whose text is text: four bytes alone would be too little to go by. */
export function parseTftpError(bytes: Uint8Array): { readonly code: number; readonly message: string } | null {
  if (bytes.length > MESSAGE_CAP) return null
  return orNull(() => {
    const reader = new Reader(bytes)
    const code = reader.u16() === ERROR ? reader.u16() : LAST_CODE + 1
    const rest = latin1(reader.rest())
    const end = rest.indexOf('\0')
    if (code > LAST_CODE || end < 3 || end !== rest.length - 1) return null
    const message = rest.slice(0, end)
    return /^[\x20-\x7e]+$/.test(message) ? { code, message: clean(message) } : null
  })
}
