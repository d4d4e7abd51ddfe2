/**
 * Line printer daemon (RFC 1179 section 5.3):
 *
 *   request  => 3 queue LF                    send queue state, short
 *   response => text, then close
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const lpd: Protocol = { name: 'lpd', transport: 'tcp', ports: [515], opens: 'client', recognise, identify }

/** What daemons say of a queue they do not have, or of one with nothing in it. */
const STATE =
  /^(?:[\w.-]{1,60}: )?(?:lpd: |lpsched: |no entries|unknown printer|Printer: ?\S{1,60}|your host does not have line printer access|[\w.-]{1,60} is ready|host .{1,100} not allowed|Error: (?:unknown|no such) (?:printer|queue)|Windows LPD Server)/i

const PRODUCTS: readonly (readonly [RegExp, string, string | null])[] = [
  [/Windows LPD Server/i, 'Microsoft Windows lpd', 'microsoft'],
  [/lpsched:/, 'Solaris lpd', 'sun'],
  [/^Printer: ?\S+@/, 'LPRng', null],
]

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 2048)).trim()
  if (!STATE.test(text)) return null
  const [, product = null, vendor = null] = PRODUCTS.find(([pattern]) => pattern.test(text)) ?? []
  return service('printer', { product, vendor, info: clean(text), confidence: 0.9 })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('\x03portolan\n', 'latin1'))
  return recognise(await session.readUntil(() => false))
}
