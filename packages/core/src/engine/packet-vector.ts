/**
 * A vector of packets for sendmmsg and recvmmsg, laid out once. Per packet, in one Arena:
 *
 *   mmsghdr (64 bytes, 64-bit Linux)   name* 0  namelen 8  iov* 16  iovlen 24  control* 32  controllen 40  flags 48  len 56
 *   iovec   (16 bytes)                 base* 0  len 8
 *   payload, then name (a sockaddr) and control (ancillary data) where asked for
 */
import { Arena } from './arena.ts'
import { type Libc, openLibc, type Pointer } from './libc.ts'

const HEADER = 64
const IOVEC = 16
const align = (size: number) => (size + 15) & ~15

export interface PacketVectorShape {
  /** Packets per call. */
  readonly count: number
  /** Payload bytes per packet; what is longer arrives cut. */
  readonly size: number
  /** Bytes for an address per packet: 16 (IPv4), 28 (IPv6), 0 for none. */
  readonly name?: number
  /** Bytes for ancillary data per packet. */
  readonly control?: number
}

export class PacketVector {
  readonly count: number
  readonly size: number
  /** All payloads, names and control areas; address them with the `...At` methods. */
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly #arena: Arena
  readonly #libc: Libc = openLibc()
  readonly #payloads: number
  readonly #names: number
  readonly #controls: number
  readonly #stride: number
  readonly #nameSize: number
  readonly #controlSize: number

  constructor({ count, size, name = 0, control = 0 }: PacketVectorShape) {
    this.count = count
    this.size = size
    this.#stride = align(size)
    this.#nameSize = name
    this.#controlSize = control
    this.#payloads = count * (HEADER + IOVEC)
    this.#names = this.#payloads + count * this.#stride
    this.#controls = this.#names + count * align(name)
    this.#arena = new Arena(this.#controls + count * align(control) + 16)
    this.bytes = this.#arena.bytes
    this.view = this.#arena.view
    for (let i = 0; i < count; i++) this.#layOut(i)
  }

  #layOut(i: number): void {
    const { view } = this
    const header = i * HEADER
    const iovec = this.count * HEADER + i * IOVEC
    this.#arena.point(iovec, this.payloadAt(i))
    view.setUint32(iovec + 8, this.size, true)
    this.#arena.point(header + 16, iovec)
    view.setUint32(header + 24, 1, true)
    if (this.#nameSize > 0) this.#arena.point(header, this.nameAt(i))
    if (this.#controlSize > 0) this.#arena.point(header + 32, this.controlAt(i))
    this.restore(i)
  }

  /** The kernel overwrites these with what it delivered, so a receiver restores them before each call. */
  restore(i: number): void {
    this.view.setUint32(i * HEADER + 8, this.#nameSize, true)
    this.view.setUint32(i * HEADER + 40, this.#controlSize, true)
  }

  payloadAt(i: number): number {
    return this.#payloads + i * this.#stride
  }

  nameAt(i: number): number {
    return this.#names + i * align(this.#nameSize)
  }

  controlAt(i: number): number {
    return this.#controls + i * align(this.#controlSize)
  }

  /** The address of the msghdr of packet `i`, for a recvmsg that somebody else makes: `restore` it after one that succeeded. */
  headerAt(i: number): Pointer {
    return this.#arena.at(i * HEADER)
  }

  /** How many payload bytes of packet `i` to send. */
  setLength(i: number, length: number): void {
    this.view.setUint32(this.count * HEADER + i * IOVEC + 8, length, true)
  }

  /** Bytes received into packet `i` by the last `receive`. */
  length(i: number): number {
    return this.view.getUint32(i * HEADER + 56, true)
  }

  /** Bytes of ancillary data received with packet `i`. */
  controlLength(i: number): number {
    return this.view.getUint32(i * HEADER + 40, true)
  }

  /** `msg_flags` of packet `i`: MSG_TRUNC, MSG_ERRQUEUE, ... */
  flags(i: number): number {
    return this.view.getInt32(i * HEADER + 48, true)
  }

  /** sendmmsg of packets [from, from + count). Returns how many went, or -errno. */
  send(fd: number, from: number, count: number): number {
    return this.#libc.sendmmsg(fd, this.#arena.address + BigInt(from * HEADER), count, 0)
  }

  /** Sends the first `count` packets from a thread of the pool; the vector is not to be touched until `done` is called. */
  sendLater(fd: number, count: number, done: (sent: number) => void): void {
    this.#libc.sendmmsgLater(fd, this.#arena.address, count, done)
  }

  /** recvmmsg, as many as are there up to the vector's size. Returns how many came, or -errno. */
  receive(fd: number, flags: number): number {
    if (this.#nameSize + this.#controlSize > 0) for (let i = 0; i < this.count; i++) this.restore(i)
    return this.#libc.recvmmsg(fd, this.#arena.address, this.count, flags, null)
  }

  free(): void {
    this.#arena.free()
  }

  [Symbol.dispose](): void {
    this.free()
  }
}
