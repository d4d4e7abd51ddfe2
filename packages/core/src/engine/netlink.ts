/**
 * Questions to the kernel's routing tables (rtnetlink(7), RFC 3549). A message is
 *
 *   length u32 | type u16 | flags u16 | sequence u32 | port u32 | fixed header of its type | attributes
 *
 * an attribute length u16 | type u16 | value, padded to 4 bytes; all in host order, which is little-endian here.
 */
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import { type Libc, openLibc } from './libc.ts'

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 3 | 0x8_0000
const NLM_REQUEST = 1
const NLM_DUMP = 0x300
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const HEADER = 16
/** What a question without an answer is taken to have failed with. */
const EAGAIN = 11

export interface NetlinkMessage {
  readonly type: number
  /** What follows the message header. */
  readonly body: DataView
}

export class Netlink {
  readonly #libc: Libc = openLibc()
  readonly #fd: number
  readonly #buffer = new Uint8Array(65_536)
  #sequence = 0

  constructor() {
    this.#fd = this.#libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, 0)
    if (this.#fd < 0) throw new LocalTrouble('EMFILE', `no netlink socket: ${errnoName(-this.#fd)}`)
    // The kernel answers at once or not at all; the bound keeps a lost answer from holding the thread.
    const timeout = new Uint8Array(16)
    timeout[0] = 2
    this.#libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, timeout, 16)
  }

  /** One question, one answer: the message, or the errno the kernel refuses with. */
  ask(type: number, body: Uint8Array): NetlinkMessage | number {
    this.#send(type, NLM_REQUEST, body)
    for (const message of this.#receive()) {
      if (message.type !== NLMSG_ERROR) return message
      return -message.body.getInt32(0, true)
    }
    return EAGAIN
  }

  /** Everything of a kind, up to `limit` messages; null when there is more, or the dump failed. */
  dump(type: number, body: Uint8Array, limit: number): readonly NetlinkMessage[] | null {
    this.#send(type, NLM_REQUEST | NLM_DUMP, body)
    const all: NetlinkMessage[] = []
    for (;;) {
      const some = this.#receive()
      if (some.length === 0) return null
      for (const message of some) {
        if (message.type === NLMSG_DONE) return all.length > limit ? null : all
        if (message.type === NLMSG_ERROR) return null
        if (all.length <= limit) all.push(message)
      }
    }
  }

  #send(type: number, flags: number, body: Uint8Array): void {
    const bytes = new Uint8Array(HEADER + body.length)
    const view = new DataView(bytes.buffer)
    view.setUint32(0, bytes.length, true)
    view.setUint16(4, type, true)
    view.setUint16(6, flags, true)
    view.setUint32(8, ++this.#sequence, true)
    bytes.set(body, HEADER)
    this.#libc.sendto(this.#fd, bytes, bytes.length, 0, null, 0)
  }

  /** The messages of one datagram that answer the last question; those of earlier ones are passed over. */
  #receive(): NetlinkMessage[] {
    for (;;) {
      const length = this.#libc.recvfrom(this.#fd, this.#buffer, this.#buffer.length, 0, null, null)
      if (length <= 0) return []
      const messages: NetlinkMessage[] = []
      const copy = this.#buffer.slice(0, length)
      const view = new DataView(copy.buffer)
      for (let at = 0; at + HEADER <= length; ) {
        const size = view.getUint32(at, true)
        if (size < HEADER || at + size > length) break
        if (view.getUint32(at + 8, true) === this.#sequence)
          messages.push({
            type: view.getUint16(at + 4, true),
            body: new DataView(copy.buffer, at + HEADER, size - HEADER),
          })
        at += (size + 3) & ~3
      }
      if (messages.length > 0) return messages
    }
  }

  close(): void {
    this.#libc.close(this.#fd)
  }
}

/** The attributes behind a fixed header of `skip` bytes, by type. */
export function attributesOf(body: DataView, skip: number): ReadonlyMap<number, DataView> {
  const found = new Map<number, DataView>()
  for (let at = skip; at + 4 <= body.byteLength; ) {
    const size = body.getUint16(at, true)
    if (size < 4 || at + size > body.byteLength) break
    found.set(body.getUint16(at + 2, true) & 0x3fff, new DataView(body.buffer, body.byteOffset + at + 4, size - 4))
    at += (size + 3) & ~3
  }
  return found
}

/** A fixed header followed by attributes. */
export function netlinkBody(
  header: readonly number[],
  attributes: readonly (readonly [number, Uint8Array])[],
): Uint8Array {
  const parts = attributes.map(([type, value]) => {
    const bytes = new Uint8Array((4 + value.length + 3) & ~3)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, 4 + value.length, true)
    view.setUint16(2, type, true)
    bytes.set(value, 4)
    return bytes
  })
  return Uint8Array.from([...header, ...parts.flatMap((part) => [...part])])
}
