/**
 * CoAP over UDP (RFC 7252 section 3):
 *
 *   message  = version(2 bits)=1 type(2) token-length(4) code(1) id(2) token options [0xff payload]
 *   option   = delta(4 bits) length(4) [more delta] [more length] value       13: one more byte, 14: two
 *   answer  => type 2 (acknowledgement), our id and token, code 2.05, content format 40 (link format, RFC 6690)
 */
import { coapGet, coap as question } from '#core/probe/udp/coap.ts'
import { latin1, orNull, Reader, Truncated } from '#core/wire/reader.ts'
import { ask, attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [CONTENT_FORMAT, SIZE_LIMIT] = [12, 1152]
const LINK_FORMAT = 40
/** Response codes are class.detail with class 2, 4 or 5 (section 12.1.2). */
const RESPONSE_CLASSES = new Set([2, 4, 5])
const RESOURCES_CAP = 32
const OPTIONS_CAP = 32

export const coap: Protocol = { name: 'coap', transport: 'udp', ports: [5683], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const message = parseCoap(bytes)
  if (message?.type !== 2) return null
  // Four bytes are no proof: without our token or a payload of the expected kind anything could be a message.
  return message.token.length > 0 || message.format !== null ? describe(message, null) : null
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const core = reply && parseCoap(reply)
  if (!core || (core.token.length > 0 && new Reader(core.token).u32() !== session.token)) return null
  const root = await attempt(async () => {
    await session.write(coapGet((session.token + 1) >>> 0))
    return parseCoap(await session.read())
  })
  return describe(core, root)
}

function describe(core: CoapMessage, root: CoapMessage | null): Service {
  const links = core.format === LINK_FORMAT ? core.text : ''
  const resources = [...links.matchAll(/<([^>]{1,100})>/g)].slice(0, RESOURCES_CAP).map(([, path = '']) => clean(path))
  const greeting = root && clean(root.text)
  const product = /made with (libcoap|[\w-]+coap[\w-]*)/i.exec(greeting ?? '')?.[1] ?? null
  const known = [/californium/i, /aiocoap/i, /\bRIOT\b/, /\bContiki\b/]
    .map((word) => word.exec(`${greeting} ${links}`)?.[0])
    .find(Boolean)
  return service('coap', {
    product: product ?? known ?? null,
    info: greeting || null,
    facts: { code: core.code, ...(resources.length > 0 ? { resources } : {}) },
  })
}

export interface CoapMessage {
  readonly type: number
  readonly code: string
  readonly token: Uint8Array
  readonly format: number | null
  readonly text: string
}

/** A response, or null. */
export function parseCoap(bytes: Uint8Array): CoapMessage | null {
  if (bytes.length > SIZE_LIMIT + 128) return null
  return orNull(() => {
    const reader = new Reader(bytes)
    const first = reader.u8()
    const code = reader.u8()
    if (first >> 6 !== 1 || (first & 15) > 8 || !RESPONSE_CLASSES.has(code >> 5) || (code & 31) > 15) return null
    reader.skip(2)
    const token = reader.take(first & 15)
    const format = readOptions(reader)
    return {
      type: (first >> 4) & 3,
      code: `${code >> 5}.${String(code & 31).padStart(2, '0')}`,
      token,
      format,
      text: latin1(reader.rest()),
    }
  })
}

/** Reads the options up to the payload; returns the content format. */
function readOptions(reader: Reader): number | null {
  let number = 0
  let format: number | null = null
  for (let i = 0; reader.remaining > 0; i++) {
    const head = reader.u8()
    if (head === 0xff) break
    if (i === OPTIONS_CAP) throw new Truncated('too many options')
    number += extended(reader, head >> 4)
    const value = reader.take(extended(reader, head & 15), 1034)
    if (number > 65_000) throw new Truncated('no such option')
    if (number === CONTENT_FORMAT) format = value.reduce((sum, byte) => sum * 256 + byte, 0)
  }
  return format
}

function extended(reader: Reader, nibble: number): number {
  if (nibble === 15) throw new Truncated('reserved')
  return nibble < 13 ? nibble : nibble === 13 ? 13 + reader.u8() : 269 + reader.u16()
}
