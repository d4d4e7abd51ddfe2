/**
 * Where the answers to a scan come in. Many are to come through memory shared with the kernel, but making that takes it
 * ten milliseconds: until then, and where few are to come, they are read from the queue of a socket.
 */
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import type { Libc } from './libc.ts'
import { PacketQueue } from './packet-queue.ts'
import { PacketRing } from './packet-ring.ts'

const SOCKADDR_LL = 20
/** Answers that do without shared memory. */
const FEW = 1024

export interface InboxParts {
  readonly libc: Libc
  /** A socket with its filter that hears nothing yet. */
  readonly fd: number
  /** Makes another one like it. */
  readonly open: () => number
  /** Closes it. */
  readonly close: (fd: number) => void
  /** The sockaddr_ll of everything there is to hear. */
  readonly everything: Uint8Array
}

export class Inbox {
  readonly #parts: InboxParts
  #queue: PacketQueue | null
  #ring: PacketRing | null = null
  readonly #change: Promise<void> | null
  #isChanging: boolean

  /** Hears packets from now on, `expected` of them or so. Throws LocalTrouble. */
  constructor(parts: InboxParts, expected: number) {
    this.#parts = parts
    this.#isChanging = expected > FEW
    this.#queue = new PacketQueue(parts.libc, this.#isChanging ? parts.open() : parts.fd)
    const refused = this.#bind(this.#queue.fd)
    if (refused !== 0) {
      this.#queue.free()
      throw new LocalTrouble(errnoName(refused), 'cannot listen for packets')
    }
    this.#change = this.#isChanging ? this.#makeRing() : null
  }

  /** The filter is in place before the first packet is seen: a socket listens to no protocol until it is bound. */
  #bind(fd: number): number {
    return -this.#parts.libc.bind(fd, this.#parts.everything, SOCKADDR_LL)
  }

  /** Where there is no such memory to be had, the queue goes on. */
  async #makeRing(): Promise<void> {
    const { libc, fd } = this.#parts
    const ring = await PacketRing.open(libc, fd).catch((error: unknown) => {
      if (error instanceof LocalTrouble) return null
      throw error
    })
    this.#isChanging = false
    if (ring !== null && this.#bind(fd) === 0) this.#ring = ring
    else ring?.free()
  }

  /** Readable when there is something to receive. */
  get fd(): number {
    return this.#queue?.fd ?? this.#parts.fd
  }

  /** Is memory being made? It is heard of only in the event loop. */
  get isChanging(): boolean {
    return this.#isChanging
  }

  /** Hands every packet that has come in to `take`, from its network header on; the bytes are gone after the call. */
  receive(take: (bytes: Uint8Array, at: number, length: number) => void): void {
    if (this.#queue === null) this.#ring?.receive(take)
    // Both hear for a moment: what comes twice is no news, and nothing is missed.
    else if (this.#queue.receive(take) && this.#ring !== null) this.#leaveQueue()
  }

  #leaveQueue(): void {
    if (this.#queue === null) return
    if (this.#queue.fd !== this.#parts.fd) this.#parts.close(this.#queue.fd)
    this.#queue.free()
    this.#queue = null
  }

  /** The socket it was given stays the caller's. */
  async free(): Promise<void> {
    await this.#change
    this.#leaveQueue()
    this.#ring?.free()
  }
}
