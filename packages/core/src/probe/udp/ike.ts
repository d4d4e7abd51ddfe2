/**
 * Internet Key Exchange: IKEv2 IKE_SA_INIT (RFC 7296 section 1.2) and IKEv1 main mode (RFC 2408, 2409). Whatever a
 * gateway thinks of the proposal, it echoes our SPI in its answer.
 *
 *   header    = initiator-SPI(8) responder-SPI(8) next(1) version(1) exchange(1) flags(1) message-id(4) length(4)
 *   payload   = next(1) flags(1) length(2) body
 *   proposal  = more(1) 0(1) length(2) number(1) protocol(1) spi-size(1) transforms(1) transform*
 *   transform = more(1) 0(1) length(2) type(1) 0(1) id(2) attribute*      (IKEv1: number(1) id(1) 0(2))
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [SA, KEY_EXCHANGE, NONCE] = [33, 34, 40]
/** ENCR AES-CBC with a 256-bit key, PRF HMAC-SHA2-256, INTEG HMAC-SHA2-256-128, group 14 (RFC 7296 section 3.3.2). */
const TRANSFORMS = [
  [1, 12, 0x800e0100],
  [2, 5],
  [3, 12],
  [4, 14],
] as const
const GROUP_14_BYTES = 256

function payload(next: number, body: Uint8Array): Uint8Array {
  return new Writer()
    .u8(next)
    .u8(0)
    .u16(body.length + 4)
    .bytes(body)
    .finish()
}

function message(
  token: number,
  fields: { next: number; version: number; exchange: number; flags: number },
  body: Uint8Array,
) {
  const { next, version, exchange, flags } = fields
  const header = new Writer()
    .u32(token)
    .u32(~token >>> 0)
    .zeros(8)
    .u8(next)
    .u8(version)
    .u8(exchange)
    .u8(flags)
  return header
    .u32(0)
    .u32(28 + body.length)
    .bytes(body)
    .finish()
}

function proposals(): Uint8Array {
  const transforms = new Writer()
  TRANSFORMS.forEach(([type, id, attribute], i) => {
    transforms
      .u8(i < TRANSFORMS.length - 1 ? 3 : 0)
      .u8(0)
      .u16(attribute ? 12 : 8)
      .u8(type)
      .u8(0)
      .u16(id)
    if (attribute) transforms.u32(attribute)
  })
  const body = transforms.finish()
  return new Writer()
    .u8(0)
    .u8(0)
    .u16(8 + body.length)
    .u8(1)
    .u8(1)
    .u8(0)
    .u8(TRANSFORMS.length)
    .bytes(body)
    .finish()
}

/** `count` bytes that look like a public value: never zero, different for every token. */
function material(token: number, count: number): Uint8Array {
  let state = token | 1
  return Uint8Array.from({ length: count }, () => {
    state = Math.imul(state, 0x41c64e6d) + 12345
    return (state >>> 16) | 1
  })
}

function initV2(token: number): Uint8Array {
  const key = new Writer().u16(14).u16(0).bytes(material(token, GROUP_14_BYTES)).finish()
  const body = new Writer()
    .bytes(payload(KEY_EXCHANGE, proposals()))
    .bytes(payload(NONCE, key))
    .bytes(payload(0, material(~token, 32)))
    .finish()
  return message(token, { next: SA, version: 0x20, exchange: 34, flags: 0x08 }, body)
}

/** DOI IPsec, identity only; one proposal: AES-256, SHA-1, pre-shared key, group 2, eight hours (RFC 2409 appendix A). */
function mainModeV1(token: number): Uint8Array {
  const attributes = [0x80010007, 0x800e0100, 0x80020002, 0x80030001, 0x80040002, 0x800b0001, 0x800c7080]
  const transform = new Writer()
    .u8(0)
    .u8(0)
    .u16(8 + attributes.length * 4)
    .u8(1)
    .u8(1)
    .u16(0)
  for (const attribute of attributes) transform.u32(attribute)
  const inner = transform.finish()
  const proposal = new Writer()
    .u8(0)
    .u8(0)
    .u16(8 + inner.length)
    .u8(1)
    .u8(1)
    .u8(0)
    .u8(1)
    .bytes(inner)
    .finish()
  const body = new Writer().u32(1).u32(1).bytes(proposal).finish()
  return message(token, { next: 1, version: 0x10, exchange: 2, flags: 0 }, payload(0, body))
}

const echoes = (reply: Uint8Array, token: number, skip = 0) =>
  reply.length >= 28 + skip && new Reader(reply, skip).u32() === token >>> 0

export const ikev2: UdpQuestion = { name: 'ikev2', ports: [500], datagram: initV2, answers: echoes }

export const ikev1: UdpQuestion = { name: 'ikev1', ports: [500], datagram: mainModeV1, answers: echoes }

/** Through NAT (RFC 3948 section 2.2): four zero bytes tell IKE from ESP. */
export const ikeNatT: UdpQuestion = {
  name: 'ike-nat-t',
  ports: [4500],
  datagram: (token) => new Writer().u32(0).bytes(initV2(token)).finish(),
  answers: (reply, token) => echoes(reply, token, 4),
}
