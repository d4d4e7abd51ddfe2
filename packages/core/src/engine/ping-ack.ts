/**
 * A TCP ACK out of the blue (RFC 9293 section 3.10.7.1): an open and a closed port alike answer it with RST, and simple
 * packet filters let it through where they stop a SYN. The RST's sequence number is the acknowledgement we sent.
 */
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { checksumOf, sumWords } from '#core/wire/checksum.ts'
import { Arena } from './arena.ts'
import {
  bind,
  bindSocket,
  bindToInterface,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  type SocketOrigin,
  sourceTowards,
} from './bound-socket.ts'
import { EPOLLIN, Epoll } from './epoll.ts'
import { NO_ROUTE, type Verdict, verdictOf } from './errno.ts'
import { openLibc } from './libc.ts'
import { PacketVector } from './packet-vector.ts'
import { type Alive, type PingBook, type PingWay, roundTrip } from './ping-way.ts'
import { AF_INET, AF_INET6, getSockaddr, putSockaddr, SOCKADDR_IN6 } from './sockaddr.ts'
import { Tokens } from './tokens.ts'

const SOCK_RAW = 3
const IPPROTO_TCP = 6
const IPPROTO_IPV6 = 41
const IPV6_CHECKSUM = 7
const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const MSG_DONTWAIT = 0x40
// Classic BPF: Linux uapi/linux/bpf_common.h
const LOAD_X_HEADER = 0xb1
const LOAD_X_IMMEDIATE = 0x01
const LOAD_HALF_X = 0x48
const JUMP_EQUAL = 0x15
const RETURN = 0x06
const [ACK, RST] = [0x10, 0x04]
const HEADER = 20
const VECTOR = 64
const SNAP = 96

interface RawSocket {
  readonly fd: number
  readonly family: 4 | 6
}

export interface AckWayOptions {
  readonly port: number
  readonly origin: SocketOrigin
  readonly book: PingBook
}

export class AckWay implements PingWay {
  invalid = 0
  readonly #options: AckWayOptions
  readonly #libc = openLibc()
  readonly #epoll = new Epoll(4)
  readonly #sockets: readonly RawSocket[]
  /** Holds the source port, so that nobody else here is answered in its name. */
  readonly #holder: { readonly fd: number; readonly port: number }
  readonly #vector = new PacketVector({ count: VECTOR, size: SNAP, name: SOCKADDR_IN6 })
  readonly #tokens = new Tokens()
  readonly #from = emptyTarget()
  readonly #address = new Uint8Array(SOCKADDR_IN6)
  /** Pseudo-header (12 bytes, IPv4 alone) and segment. */
  readonly #packet = new Uint8Array(12 + HEADER)

  constructor(options: AckWayOptions) {
    this.#options = options
    this.#holder = bindSocket(this.#libc, AF_INET, SOCK_STREAM, options.origin)
    this.#sockets = ([4, 6] as const).flatMap((family) => this.#open(family) ?? [])
    for (const [i, { fd }] of this.#sockets.entries()) this.#epoll.add(fd, EPOLLIN, i)
  }

  /** Can anything be asked at all? */
  get isAllowed(): boolean {
    return this.#sockets.length > 0 && this.#holder.fd >= 0
  }

  get fd(): number {
    return this.#epoll.fd
  }

  #open(family: 4 | 6): RawSocket | null {
    const { origin } = this.#options
    const domain = family === 4 ? AF_INET : AF_INET6
    const fd = this.#libc.socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP)
    if (fd < 0) return null
    bindToInterface(this.#libc, fd, origin)
    if (origin.address?.family === family) bind(this.#libc, fd, origin.address, 0)
    // The kernel knows the source address that IPv6 checksums need: let it write the checksum.
    if (family === 6) this.#libc.setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, Uint8Array.of(16, 0, 0, 0), 4)
    this.#filter(fd, family)
    return { fd, family }
  }

  /** A raw TCP socket is shown every segment that comes in: only those to our port are kept. */
  #filter(fd: number, family: 4 | 6): void {
    const program: readonly (readonly [code: number, yes: number, no: number, k: number])[] = [
      family === 4 ? [LOAD_X_HEADER, 0, 0, 0] : [LOAD_X_IMMEDIATE, 0, 0, 0],
      [LOAD_HALF_X, 0, 0, 2],
      [JUMP_EQUAL, 0, 1, this.#holder.port],
      [RETURN, 0, 0, SNAP],
      [RETURN, 0, 0, 0],
    ]
    using arena = new Arena(16 + program.length * 8)
    arena.view.setUint16(0, program.length, true)
    arena.view.setBigUint64(8, arena.at(16), true)
    for (const [i, [code, yes, no, k]] of program.entries()) {
      arena.view.setUint16(16 + i * 8, code, true)
      arena.bytes[18 + i * 8] = yes
      arena.bytes[19 + i * 8] = no
      arena.view.setUint32(20 + i * 8, k, true)
    }
    this.#libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, arena.address, 16)
  }

  suits({ family }: Readonly<ProbeTarget>): boolean {
    return this.#sockets.some((socket) => socket.family === family)
  }

  send(target: Readonly<ProbeTarget>): Verdict | null {
    const socket = this.#sockets.find(({ family }) => family === target.family)
    const source = socket && (this.#options.origin.address ?? sourceTowards(this.#libc, target))
    if (!socket || !source) return NO_ROUTE
    this.#write(target, source)
    const name = putSockaddr(new DataView(this.#address.buffer), 0, { ...target, port: 0 })
    const segment = this.#packet.subarray(12)
    const sent = this.#libc.sendto(socket.fd, segment, HEADER, MSG_DONTWAIT, this.#address, name)
    if (sent >= 0) return null
    const verdict = verdictOf(-sent)
    return verdict.kind === 'local' ? verdict : NO_ROUTE
  }

  #write(target: Readonly<ProbeTarget>, source: Readonly<ProbeTarget>): void {
    const view = new DataView(this.#packet.buffer)
    this.#packet.fill(0)
    view.setUint32(0, source.v4)
    view.setUint32(4, target.v4)
    view.setUint8(9, IPPROTO_TCP)
    view.setUint16(10, HEADER)
    view.setUint16(12, this.#holder.port)
    view.setUint16(14, this.#options.port)
    view.setUint32(16, this.#tokens.of({ ...target, port: 1 }))
    view.setUint32(20, this.#tokens.of({ ...target, port: 0 }))
    view.setUint8(24, (HEADER / 4) << 4)
    view.setUint8(25, ACK)
    view.setUint16(26, 1024)
    if (target.family === 4) view.setUint16(28, checksumOf(sumWords(this.#packet, 0, 12 + HEADER)))
  }

  collect(now: number, alive: Alive): void {
    const events = this.#epoll.wait()
    for (let i = 0; i < events; i++) {
      const socket = this.#sockets[this.#epoll.dataAt(i)]
      let count = socket ? VECTOR : 0
      while (socket && count === VECTOR) {
        count = this.#vector.receive(socket.fd, MSG_DONTWAIT)
        for (let j = 0; j < count; j++) this.#read(socket.family, j, now, alive)
      }
    }
  }

  #read(family: 4 | 6, i: number, now: number, alive: Alive): void {
    const { view, bytes } = this.#vector
    const { book, port } = this.#options
    if (!getSockaddr(view, this.#vector.nameAt(i), this.#from)) return
    const start = this.#vector.payloadAt(i)
    const at = family === 4 ? start + (bytes[start]! & 15) * 4 : start
    if (at + HEADER > start + Math.min(this.#vector.length(i), SNAP) || view.getUint16(at) !== port) return
    const slot = book.locate(this.#from)
    const ours = view.getUint32(at + 4) === this.#tokens.of({ ...this.#from, port: 0 })
    if (!ours || (view.getUint8(at + 13) & RST) === 0) this.invalid++
    else if (slot >= 0) alive(slot, 'reset', roundTrip(book, slot, now))
  }

  abandon(): void {}

  close(): void {
    for (const { fd } of [...this.#sockets, this.#holder]) if (fd >= 0) this.#libc.close(fd)
    this.#vector.free()
    this.#epoll.close()
  }
}
