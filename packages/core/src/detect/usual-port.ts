/**
 * A refusal so short that every protocol of its family could have said it (`421 Timeout.`, `-ERR permission denied`):
 * the port it came from decides, and no more than the service is known.
 */
import type { Protocol, Service } from './protocol.ts'
import { service } from './service.ts'
import { firstLine } from './text.ts'

const REPLY_CODE = /^[1-5]\d\d(?:[ -]|$)/
/** How the lines of each protocol begin. */
const FORMS: Readonly<Record<string, RegExp>> = {
  ftp: REPLY_CODE,
  smtp: REPLY_CODE,
  nntp: REPLY_CODE,
  pop3: /^(?:\+OK|-ERR)(?: |$)/,
  imap: /^\* (?:OK|NO|BAD|BYE)(?: |$)/i,
}

/** A guess, and marked as one. */
const CONFIDENCE = 0.5

/** The protocol whose port and whose form this is; null when there is none. */
export function byUsualPort(data: Uint8Array, port: number, protocols: readonly Protocol[]): Service | null {
  const line = firstLine(data)
  const fits = protocols.find(({ name, ports }) => ports.includes(port) && FORMS[name]?.test(line))
  return fits === undefined ? null : service(fits.name, { confidence: CONFIDENCE })
}
