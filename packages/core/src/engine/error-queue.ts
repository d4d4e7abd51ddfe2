/**
 * ICMP errors about what a socket sent, read from its error queue: no privilege needed, and more exact than the errno
 * they are folded into (ip(7), IP_RECVERR).
 *
 *   cmsghdr             len u64 | level i32 | type i32
 *   sock_extended_err   errno u32 | origin u8 | type u8 | code u8 | pad u8 | info u32 | data u32
 *   sockaddr            of whoever sent the ICMP message
 */
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { Reason } from './engine.ts'
import { icmpReason } from './icmp-verdict.ts'
import type { Pointer } from './libc.ts'
import { PacketVector } from './packet-vector.ts'
import { formatTarget, getSockaddr, SOCKADDR_IN6, sameAddress } from './sockaddr.ts'

const MSG_ERRQUEUE = 0x2000
const MSG_DONTWAIT = 0x40
/** Of a recvmsg that reads an error queue. */
export const QUEUE_FLAGS = MSG_ERRQUEUE | MSG_DONTWAIT
const CMSGHDR = 16
const EXTENDED_ERR = 16
const ORIGIN_ICMP = 2
const ORIGIN_ICMP6 = 3
const CONTROL = 256

export interface IcmpError {
  /** Where the quoted probe went. Reused: valid during the callback only. */
  readonly target: Readonly<ProbeTarget>
  readonly reason: Reason
  /** Sent by the probe's own target. */
  readonly fromTarget: boolean
  /** Text form of the sender. */
  readonly sender: string
}

/** One reader serves every socket of a thread: it keeps nothing between calls but its memory. */
export class ErrorQueue {
  readonly #vector: PacketVector
  readonly #target = emptyTarget()
  readonly #sender = emptyTarget()

  /** `batch`: messages read at once; one is enough for sockets that ask one thing at a time. */
  constructor(batch = 32) {
    this.#vector = new PacketVector({ count: batch, size: 8, name: SOCKADDR_IN6, control: CONTROL })
  }

  /** Hands every error waiting on `fd` that is a verdict to `handle`; returns how many messages there were. */
  drain(fd: number, handle: (error: IcmpError) => void): number {
    let total = 0
    for (;;) {
      const count = this.#vector.receive(fd, QUEUE_FLAGS)
      for (let i = 0; i < count; i++) {
        const error = this.#parse(i)
        if (error) handle(error)
      }
      if (count > 0) total += count
      if (count < this.#vector.count) return total
    }
  }

  /** Where a recvmsg that somebody else makes is to put a message, as number `i` of at most `batch`. */
  headerAt(i: number): Pointer {
    return this.#vector.headerAt(i)
  }

  /** What such a recvmsg has found; null when it is no verdict. Once each. */
  take(i: number): IcmpError | null {
    const error = this.#parse(i)
    this.#vector.restore(i)
    return error
  }

  #parse(i: number): IcmpError | null {
    const { view } = this.#vector
    const at = this.#vector.controlAt(i)
    // The offender's address is the last thing in the message; without it there is nobody to believe.
    if (this.#vector.controlLength(i) < CMSGHDR + EXTENDED_ERR + 16) return null
    const origin = view.getUint8(at + CMSGHDR + 4)
    if (origin !== ORIGIN_ICMP && origin !== ORIGIN_ICMP6) return null
    const type = view.getUint8(at + CMSGHDR + 5)
    const code = view.getUint8(at + CMSGHDR + 6)
    const reason = icmpReason(origin === ORIGIN_ICMP ? 4 : 6, type, code)
    if (reason === null) return null
    if (!getSockaddr(view, this.#vector.nameAt(i), this.#target)) return null
    if (!getSockaddr(view, at + CMSGHDR + EXTENDED_ERR, this.#sender)) return null
    return {
      target: this.#target,
      reason,
      fromTarget: sameAddress(this.#target, this.#sender),
      sender: formatTarget(this.#sender),
    }
  }

  free(): void {
    this.#vector.free()
  }
}
