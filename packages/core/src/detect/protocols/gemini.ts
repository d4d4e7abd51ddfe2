/**
 * Gemini (project specification, sections 2 and 3), always inside TLS:
 *
 *   request  => "gemini://" host [":" port] "/" CRLF
 *   response => 2DIGIT SP meta CRLF [body]
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'

const USUAL_PORT = 1965

export const gemini: Protocol = {
  name: 'gemini',
  transport: 'tcp',
  ports: [USUAL_PORT],
  opens: 'client',
  insideTls: 'only',
  recognise,
  identify,
}

/** Status groups 1 to 6; success carries a media type, redirection a URL. */
const STATUS =
  /^(?:1[01] .{0,1024}|20 [\w.+-]{1,60}\/[\w.+-]{1,60}(?:;.{0,200})?|3[01] \S{1,1024}|4[0-4] .{0,1024}|5[0-39] .{0,1024}|6[0-2] .{0,1024})$/

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  if (!STATUS.test(line) || !latin1(bytes.subarray(0, 1100)).startsWith(`${line}\r\n`)) return null
  return service('gemini', { info: clean(line), confidence: line.startsWith('20 ') ? 0.95 : 0.8 })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(`gemini://${authority(session)}/\r\n`))
  return recognise(await session.readUntil((soFar) => latin1(soFar).includes('\r\n')))
}

/** RFC 3986 section 3.2; a server takes the name without its port, where that is not the usual one, for somebody else's. */
function authority({ hostname, address, port }: Session): string {
  const host = hostname ?? (address.includes(':') ? `[${address}]` : address)
  return port === USUAL_PORT ? host : `${host}:${port}`
}
