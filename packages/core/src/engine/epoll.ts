/**
 * Readiness of many sockets. struct epoll_event { u32 events; u64 data } is packed to 12 bytes on x86-64 and has its
 * natural 16 bytes, with `data` at 8, everywhere else.
 */
import { setImmediate } from 'node:timers/promises'
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import { type Libc, openLibc, watchReadable } from './libc.ts'

const SIZE = process.arch === 'x64' ? 12 : 16
const DATA = process.arch === 'x64' ? 4 : 8
const EPOLL_CLOEXEC = 0x8_0000
const CTL_ADD = 1
/** Shortest nap, ms: what is due sooner goes with what is due then. */
const SHORTEST = 0.5
/** Nothing waits longer without looking up. */
const MAX_IDLE = 1000

export const EPOLLIN = 0x1
export const EPOLLOUT = 0x4
export const EPOLLERR = 0x8
export const EPOLLHUP = 0x10
/** Report a change once, not for as long as it lasts. */
export const EPOLLET = 0x8000_0000

export class Epoll {
  readonly fd: number
  readonly #libc: Libc = openLibc()
  readonly #capacity: number
  readonly #events: Uint8Array
  readonly #view: DataView
  readonly #event = new Uint8Array(SIZE)
  /** struct timespec { i64 seconds; i64 nanoseconds } */
  readonly #nap = new Uint8Array(16)
  #watch: ReturnType<typeof watchReadable> | undefined
  #wake: () => void = () => {}

  constructor(capacity = 512) {
    this.#capacity = capacity
    this.#events = new Uint8Array(capacity * SIZE)
    this.#view = new DataView(this.#events.buffer)
    this.fd = this.#libc.epoll_create1(EPOLL_CLOEXEC)
    if (this.fd < 0) throw new LocalTrouble('EMFILE', `no epoll descriptor: ${errnoName(-this.fd)}`)
  }

  /** Watches `fd`; its events come back with `data` (32 bits). Returns 0, or -errno. */
  add(fd: number, events: number, data: number): number {
    const view = new DataView(this.#event.buffer)
    view.setUint32(0, events >>> 0, true)
    view.setUint32(DATA, data, true)
    return this.#libc.epoll_ctl(this.fd, CTL_ADD, fd, this.#event)
  }

  /** Number of events ready; waits at most `timeout` milliseconds (0: not at all). Interrupted counts as none. */
  wait(timeout = 0): number {
    return Math.max(0, this.#libc.epoll_wait(this.fd, this.#events, this.#capacity, timeout))
  }

  eventsAt(i: number): number {
    return this.#view.getUint32(i * SIZE, true)
  }

  dataAt(i: number): number {
    return this.#view.getUint32(i * SIZE + DATA, true)
  }

  /**
   * Resolves after `ms`, or sooner when a socket stirs. Short waits block the thread, at most a millisecond and whatever
   * stirs: the event loop's own timers are too coarse to pace packets by, and waking for every answer costs more than
   * the answer. Either way the event loop gets its turn.
   */
  async idle(ms: number): Promise<void> {
    if (ms < 2) {
      if (ms > 0) {
        new DataView(this.#nap.buffer).setBigInt64(
          8,
          BigInt(Math.round(Math.min(1, Math.max(SHORTEST, ms)) * 1e6)),
          true,
        )
        this.#libc.ppoll(null, 0, this.#nap, null)
      }
      return setImmediate()
    }
    this.#watch ??= watchReadable(this.fd, () => this.#wake())
    const watch = this.#watch
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#wake(), Math.min(ms, MAX_IDLE) - 1)
      this.#wake = () => {
        clearTimeout(timer)
        watch.stop()
        this.#wake = () => {}
        resolve()
      }
      watch.start()
    })
  }

  /** Ends an `idle` in progress. */
  wake(): void {
    this.#wake()
  }

  close(): void {
    this.#wake()
    this.#watch?.close()
    this.#libc.close(this.fd)
  }
}
