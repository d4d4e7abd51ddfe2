/**
 * The way out of one socket. A full box means that packets are made faster than one thread gets them out, since the
 * kernel's part of a packet takes longer than ours: other threads send the full ones, this one goes on.
 */
import type { Libc } from './libc.ts'
import { Outbox } from './outbox.ts'

/** Packets in one call of another thread, and of this one: many make the call cheap, few return from it soon. */
const MANY = 128
const FEW = 64
/** Calls under way in other threads: what they have done is heard of late, and meanwhile they are to have something to do. */
const FLIGHTS = 3

export class Lane {
  /** Makes a box that takes `count` packets. Laying one out takes time that a small scan does not have to spend. */
  readonly #make: (count: number) => Outbox
  /** The one that is filled, and those that wait to be: the rest is on its way in other threads, or not made yet. */
  #filling: Outbox
  readonly #idle: Outbox[] = []
  #toMake = FLIGHTS
  /** For what this thread sends itself while the others are busy and the next box is full. */
  #extra: Outbox | null = null
  readonly #flights = new Set<Promise<void>>()
  #laterErrno = 0

  /** Packets with `name` bytes for the socket address each goes to. The socket stays the caller's. */
  constructor(libc: Libc, fd: number, name: number) {
    this.#make = (count) => new Outbox(libc, fd, { count, name })
    this.#filling = this.#make(MANY)
  }

  /** Where the next packet goes; then `added` is called. */
  get box(): Outbox {
    if (!this.#filling.isFull) return this.#filling
    this.#extra ??= this.#make(FEW)
    return this.#extra
  }

  /** A packet has been put into `box`. Returns an errno, 0 for none. */
  added(box: Outbox): number {
    if (!box.isFull) return 0
    if (box === this.#extra) return box.flush()
    this.#dispatch()
    return 0
  }

  /** Hands a full box to another thread, unless all are busy. */
  #dispatch(): void {
    const next = this.#filling.isFull ? this.#spare() : undefined
    if (next === undefined) return
    const box = this.#filling
    this.#filling = next
    const flight = new Promise<void>((resolve) => {
      box.flushLater((errno) => {
        this.#idle.push(box)
        this.#flights.delete(flight)
        this.#laterErrno ||= errno
        resolve()
      })
    })
    this.#flights.add(flight)
  }

  #spare(): Outbox | undefined {
    if (this.#idle.length > 0 || this.#toMake === 0) return this.#idle.pop()
    this.#toMake--
    return this.#make(MANY)
  }

  /** Is another thread sending? It is heard of only when this one turns to its event loop. */
  get isSending(): boolean {
    return this.#flights.size > 0
  }

  /** Sends what waits. Returns 0, or the errno of what could not leave. */
  flush(): number {
    let errno = this.#laterErrno
    this.#laterErrno = 0
    this.#dispatch()
    // While another thread is busy, what waits for one may wait: more is to come.
    for (const box of [this.isSending ? null : this.#filling, this.#extra])
      if (box !== null && box.count > 0) errno = box.flush() || errno
    return errno
  }

  /** The memory goes away when the other threads are done with it. */
  async free(): Promise<void> {
    await Promise.all(this.#flights)
    for (const box of [this.#filling, ...this.#idle, this.#extra]) box?.free()
  }
}
