/**
 * STUN (RFC 8489 section 5) and TURN (RFC 8656), over UDP or TCP alike:
 *
 *   message   = type(2) length(2) 0x2112a442(4) transaction(12) attribute*
 *   attribute = type(2) length(2) value padding to four
 *
 * SOFTWARE (0x8022) names the server; an Allocate request without credentials is refused with realm and nonce by TURN.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from './cpe.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'
import { clean } from './text.ts'

const COOKIE = 0x2112a442
const ALLOCATE = 0x0003
/** Success and error answers to Binding and Allocate. */
const ANSWERS = new Set([0x0101, 0x0111, 0x0103, 0x0113])
const [ERROR_CODE, REALM, REQUESTED_TRANSPORT, SOFTWARE] = [0x0009, 0x0014, 0x0019, 0x8022]
const UDP = 17
const ATTRIBUTES_CAP = 32

export interface StunMessage {
  readonly type: number
  readonly transaction: Uint8Array
  readonly attributes: ReadonlyMap<number, Uint8Array>
  /** Bytes of the whole message. */
  readonly length: number
}

export function allocateRequest(token: number): Uint8Array {
  const writer = new Writer().u16(ALLOCATE).u16(8).u32(COOKIE).u32(token).u32(0).u32(1)
  return writer.u16(REQUESTED_TRANSPORT).u16(4).u8(UDP).zeros(3).finish()
}

/** An answer of either protocol. */
export function parseStun(bytes: Uint8Array): StunMessage | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const type = reader.u16()
    const length = reader.u16()
    if (!ANSWERS.has(type) || length % 4 !== 0 || reader.u32() !== COOKIE) return null
    const transaction = reader.take(12)
    const inner = new Reader(reader.take(length))
    const attributes = new Map<number, Uint8Array>()
    for (let i = 0; inner.remaining > 0 && i < ATTRIBUTES_CAP; i++) {
      const key = inner.u16()
      const size = inner.u16()
      attributes.set(key, inner.take(size))
      inner.skip(Math.min((4 - (size % 4)) % 4, inner.remaining))
    }
    return { type, transaction, attributes, length: 20 + length }
  })
}

/** From the answers to a binding and, when asked, an allocation request. */
export function stunService(binding: StunMessage, allocation: StunMessage | null = null): Service {
  const text = (message: StunMessage | null, type: number) => {
    const value = message?.attributes.get(type)
    return value ? clean(value, 128) || null : null
  }
  const software = text(binding, SOFTWARE) ?? text(allocation, SOFTWARE)
  const realm = text(allocation, REALM)
  const isTurn = realm !== null || allocation?.type === 0x0103 || binding.attributes.has(REALM)
  const error = allocation?.attributes.get(ERROR_CODE)
  const facts = {
    turn: isTurn,
    ...(software ? { software } : {}),
    ...(realm ? { realm } : {}),
    ...(error && error.length > 4 ? { refused: clean(error.subarray(4)) } : {}),
  }
  return service('stun', {
    ...softwareOf(software),
    info: realm ? `TURN, realm ${realm}` : isTurn ? 'TURN' : null,
    facts,
  })
}

type Known = readonly [text: RegExp, product: string, cpe: readonly [string, string]]
const PRODUCTS: readonly Known[] = [
  [/coturn[- ](\d[\w.]*)?/i, 'Coturn', ['coturn_project', 'coturn']],
  [/^restund v(\d[\w.]*)/i, 'restund', ['creytiv', 'restund']],
  [/ejabberd[ /](\d[\w.]*)?/i, 'ejabberd', ['process-one', 'ejabberd']],
  [/eturnal[ /](\d[\w.]*)?/i, 'eturnal', ['process-one', 'eturnal']],
  [/^Pion\b/i, 'Pion', ['pion', 'turn']],
]

function softwareOf(text: string | null): Partial<Service> {
  for (const [pattern, product, id] of PRODUCTS) {
    const found = pattern.exec(text ?? '')
    if (found) return { product, version: found[1] ?? null, cpe: [cpe('a', ...id, found[1])] }
  }
  const [, product = text, version = null] = /^([A-Za-z][\w .+-]{0,60}?)[ /-]v?(\d[\w.]{0,30})/.exec(text ?? '') ?? []
  return { product, version }
}
