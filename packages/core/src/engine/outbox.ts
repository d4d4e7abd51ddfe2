/** SYN packets on their way to one socket: laid out in place, sent in one call. */
import type { SynFields, SynTemplate } from '#core/wire/tcp-syn.ts'
import type { Libc } from './libc.ts'
import { PacketVector } from './packet-vector.ts'

const PACKET_SIZE = 80
const EINTR = 4
const EAGAIN = 11
const ENOBUFS = 105
const POLLOUT = 4

export class Outbox {
  readonly #fd: number
  readonly #libc: Libc
  readonly #vector: PacketVector
  readonly #laid: (SynTemplate | null)[]
  readonly #pollfd = new Uint8Array(8)
  #count = 0

  /** `count` packets at most, each with `name` bytes for the socket address it goes to. The socket stays the caller's. */
  constructor(libc: Libc, fd: number, { count, name }: { readonly count: number; readonly name: number }) {
    this.#libc = libc
    this.#fd = fd
    this.#vector = new PacketVector({ count, size: PACKET_SIZE, name })
    this.#laid = new Array(count).fill(null)
    const view = new DataView(this.#pollfd.buffer)
    view.setInt32(0, fd, true)
    view.setUint16(4, POLLOUT, true)
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.#laid.length
  }

  /** Adds a packet. The address it goes to is to be written into `names` at the offset returned. */
  put(template: SynTemplate, fields: SynFields): number {
    const i = this.#count++
    const at = this.#vector.payloadAt(i)
    if (this.#laid[i] !== template) {
      template.lay(this.#vector.bytes, at)
      this.#vector.setLength(i, template.bytes.length)
      this.#laid[i] = template
    }
    template.complete(this.#vector.bytes, at, fields)
    return this.#vector.nameAt(i)
  }

  get names(): Uint8Array {
    return this.#vector.bytes
  }

  /**
   * Sends everything. Returns 0, or the errno that kept the rest from leaving; the box is empty either way. A full
   * queue is waited for, up to `patience` milliseconds in all.
   */
  flush(patience = 100): number {
    const count = this.#count
    this.#count = 0
    return this.#send(0, count, patience)
  }

  /** Sends everything from another thread, while this one goes on; `done` gets what `flush` would have returned. */
  flushLater(done: (errno: number) => void): void {
    const count = this.#count
    this.#count = 0
    this.#vector.sendLater(this.#fd, count, (sent) => done(this.#send(Math.max(0, sent), count, 100)))
  }

  #send(from: number, count: number, patience: number): number {
    for (let sent = from, waited = 0; sent < count; ) {
      const n = this.#vector.send(this.#fd, sent, count - sent)
      if (n > 0) {
        sent += n
        continue
      }
      const errno = -n
      if (errno === EINTR) continue
      if ((errno !== ENOBUFS && errno !== EAGAIN) || waited >= patience) return errno
      // ENOBUFS does not show in POLLOUT: look again soon. A full socket buffer does, and ends the wait early.
      this.#libc.poll(errno === EAGAIN ? this.#pollfd : null, errno === EAGAIN ? 1 : 0, 1)
      waited++
    }
    return 0
  }

  free(): void {
    this.#vector.free()
  }
}
