/** Packets from a socket's own queue: ready at once, where memory shared with the kernel takes it ten milliseconds. */
import type { Libc } from './libc.ts'
import { SNAP_LENGTH } from './link-filter.ts'
import { PacketVector } from './packet-vector.ts'

const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
const MSG_DONTWAIT = 0x40
/** Bytes for packets nobody has taken yet: some five thousand. Without CAP_NET_ADMIN the system's limit, a few hundred. */
const ROOM = 4 << 20
const COUNT = 64
/** Taken at once: who is flooded has to send, too. */
const MOST = 4096

export class PacketQueue {
  readonly fd: number
  readonly #vector = new PacketVector({ count: COUNT, size: SNAP_LENGTH })

  /** The socket stays the caller's. */
  constructor(libc: Libc, fd: number) {
    this.fd = fd
    const room = new Uint8Array(Int32Array.of(ROOM).buffer)
    if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, room, 4) !== 0)
      libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, room, 4)
  }

  /** Hands over packets that have come in, the bytes are gone after the call. True when these were all. */
  receive(take: (bytes: Uint8Array, at: number, length: number) => void): boolean {
    const vector = this.#vector
    for (let left = MOST; left > 0; left -= COUNT) {
      const count = vector.receive(this.fd, MSG_DONTWAIT)
      for (let i = 0; i < count; i++) take(vector.bytes, vector.payloadAt(i), vector.length(i))
      if (count < COUNT) return true
    }
    return false
  }

  free(): void {
    this.#vector.free()
  }
}
