/**
 * ICMP echo and timestamp (RFC 792, RFC 4443 section 4) from a raw socket, or echo alone from a datagram socket where the
 * administrator lets this group ping (net.ipv4.ping_group_range; icmp(7)).
 *
 *   echo       type code checksum(2) id(2) sequence(2) token(4) ~token(4)
 *   timestamp  type code checksum(2) id(2) sequence(2) originate(4) = token, receive(4), transmit(4)
 */
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { checksumOf, sumWords } from '#core/wire/checksum.ts'
import { bind, bindToInterface, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, type SocketOrigin } from './bound-socket.ts'
import { EPOLLIN, Epoll } from './epoll.ts'
import { errnoName, NO_ROUTE, sendVerdict, type Verdict } from './errno.ts'
import { openLibc } from './libc.ts'
import { PacketVector } from './packet-vector.ts'
import { type Alive, type PingBook, type PingWay, roundTrip } from './ping-way.ts'
import type { ProbeId } from './prober.ts'
import { AF_INET, AF_INET6, getSockaddr, putSockaddr, SOCKADDR_IN6 } from './sockaddr.ts'
import { Tokens } from './tokens.ts'

const SOCK_RAW = 3
const [IPPROTO_ICMP, IPPROTO_ICMPV6] = [1, 58]
const SOL_RAW = 255
const FILTER = 1
const MSG_DONTWAIT = 0x40
const VECTOR = 64
const SNAP = 128

export type IcmpQuestion = 'echo' | 'timestamp'
/** Types of question and answer; there is no timestamp in IPv6. */
const TYPES = { echo: { 4: [8, 0], 6: [128, 129] }, timestamp: { 4: [13, 14], 6: null } } as const

interface IcmpSocket {
  readonly fd: number
  readonly family: 4 | 6
  /** Raw sockets are handed the IPv4 header too, and leave checksum and id to us. */
  readonly raw: boolean
}

export interface IcmpWayOptions {
  readonly question: IcmpQuestion
  readonly origin: SocketOrigin
  readonly book: PingBook
}

export class IcmpWay implements PingWay {
  invalid = 0
  readonly #options: IcmpWayOptions
  readonly #libc = openLibc()
  readonly #epoll = new Epoll(4)
  readonly #sockets: readonly IcmpSocket[]
  readonly #vector = new PacketVector({ count: VECTOR, size: SNAP, name: SOCKADDR_IN6 })
  readonly #tokens = new Tokens()
  readonly #id = crypto.getRandomValues(new Uint16Array(1))[0] ?? 1
  readonly #from = emptyTarget()
  readonly #address = new Uint8Array(SOCKADDR_IN6)
  readonly #packet = new Uint8Array(20)

  constructor(options: IcmpWayOptions) {
    this.#options = options
    this.#sockets = ([4, 6] as const).flatMap((family) => this.#open(family) ?? [])
    for (const [i, { fd }] of this.#sockets.entries()) this.#epoll.add(fd, EPOLLIN, i)
  }

  /** Can anything be asked at all? */
  get isAllowed(): boolean {
    return this.#sockets.length > 0
  }

  get fd(): number {
    return this.#epoll.fd
  }

  #open(family: 4 | 6): IcmpSocket | null {
    const { question, origin } = this.#options
    const types = TYPES[question][family]
    if (types === null) return null
    const domain = family === 4 ? AF_INET : AF_INET6
    const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
    for (const type of question === 'echo' ? [SOCK_RAW, SOCK_DGRAM] : [SOCK_RAW]) {
      const fd = this.#libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol)
      if (fd < 0) continue
      bindToInterface(this.#libc, fd, origin)
      if (origin.address?.family === family) bind(this.#libc, fd, origin.address, 0)
      if (type === SOCK_RAW) this.#filter(fd, family, types[1])
      return { fd, family, raw: type === SOCK_RAW }
    }
    return null
  }

  /** Only the answers we wait for: set bits are types the kernel keeps to itself. */
  #filter(fd: number, family: 4 | 6, answer: number): void {
    const blocked = new Uint8Array(family === 4 ? 4 : 32).fill(0xff)
    blocked[answer >> 3]! &= ~(1 << (answer & 7))
    this.#libc.setsockopt(fd, family === 4 ? SOL_RAW : IPPROTO_ICMPV6, FILTER, blocked, blocked.length)
  }

  suits({ family }: Readonly<ProbeTarget>): boolean {
    return this.#sockets.some((socket) => socket.family === family)
  }

  send(target: Readonly<ProbeTarget>, { tries }: ProbeId): Verdict | null {
    const socket = this.#sockets.find(({ family }) => family === target.family)
    if (!socket) return NO_ROUTE
    const length = this.#write(socket, this.#tokens.of({ ...target, port: 0 }), tries)
    const name = putSockaddr(new DataView(this.#address.buffer), 0, { ...target, port: 0 })
    let sent = -1
    for (let attempt = 0; attempt < 2 && sent < 0; attempt++)
      sent = this.#libc.sendto(socket.fd, this.#packet, length, MSG_DONTWAIT, this.#address, name)
    if (sent >= 0) return null
    const verdict = sendVerdict(-sent)
    return verdict.kind === 'local' ? verdict : { kind: 'local', remedy: 'pressure', code: errnoName(-sent) }
  }

  #write({ family, raw }: IcmpSocket, token: number, tries: number): number {
    const { question } = this.#options
    const view = new DataView(this.#packet.buffer)
    this.#packet.fill(0)
    view.setUint8(0, TYPES[question][family]?.[0] ?? 0)
    view.setUint16(4, this.#id)
    view.setUint16(6, tries)
    view.setUint32(8, token)
    if (question === 'echo') view.setUint32(12, ~token >>> 0)
    const length = question === 'echo' ? 16 : 20
    if (raw && family === 4) view.setUint16(2, checksumOf(sumWords(this.#packet, 0, length)))
    return length
  }

  collect(now: number, alive: Alive): void {
    const events = this.#epoll.wait()
    for (let i = 0; i < events; i++) {
      const socket = this.#sockets[this.#epoll.dataAt(i)]
      let count = socket ? VECTOR : 0
      while (socket && count === VECTOR) {
        count = this.#vector.receive(socket.fd, MSG_DONTWAIT)
        for (let j = 0; j < count; j++) this.#read(socket, j, now, alive)
      }
    }
  }

  #read({ family, raw }: IcmpSocket, i: number, now: number, alive: Alive): void {
    const { view, bytes } = this.#vector
    const { question, book } = this.#options
    if (!getSockaddr(view, this.#vector.nameAt(i), this.#from)) return
    const start = this.#vector.payloadAt(i)
    const at = raw && family === 4 ? start + (bytes[start]! & 15) * 4 : start
    if (at + 16 > start + Math.min(this.#vector.length(i), SNAP)) return
    // Somebody else's ping, which every raw socket is shown.
    if (view.getUint8(at) !== TYPES[question][family]?.[1] || (raw && view.getUint16(at + 4) !== this.#id)) return
    const slot = book.locate(this.#from)
    if (view.getUint32(at + 8) !== this.#tokens.of({ ...this.#from, port: 0 })) this.invalid++
    else if (slot >= 0) alive(slot, question === 'echo' ? 'echo-reply' : 'timestamp-reply', roundTrip(book, slot, now))
  }

  abandon(): void {}

  close(): void {
    for (const { fd } of this.#sockets) this.#libc.close(fd)
    this.#vector.free()
    this.#epoll.close()
  }
}
