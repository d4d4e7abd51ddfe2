/**
 * UDP probes on Linux from ordinary sockets: replies by recvmmsg, ICMP errors by the error queue (IP_RECVERR, no
 * privilege). The sockets are unconnected, a handful for all targets, each with a source port of its own; which one asks
 * depends on the port asked, so a reply is only believed where its question left.
 */
import { randomBytes } from 'node:crypto'
import type { UdpQuestion } from '#core/probe/udp-question.ts'
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { addressTowards, bindSocket, SOCK_DGRAM, type SocketOrigin } from './bound-socket.ts'
import { EPOLLERR, EPOLLIN, Epoll } from './epoll.ts'
import { errnoName, NO_ROUTE, type Verdict, verdictOf, verdictOfName } from './errno.ts'
import { ErrorQueue, type IcmpError } from './error-queue.ts'
import { icmpState } from './icmp-verdict.ts'
import { openLibc } from './libc.ts'
import { PacketVector } from './packet-vector.ts'
import type { ProbeId, Prober, Report } from './prober.ts'
import { AF_INET, AF_INET6, formatTarget, getSockaddr, putSockaddr, SOCKADDR_IN6 } from './sockaddr.ts'

/** Sockets per family: few enough to watch, enough that a reply from an unasked port has few questions to belong to. */
const SOCKETS = 16
/** Longest reply looked at; what is longer is an answer all the same. */
const REPLY = 2048
const VECTOR = 64
const MSG_DONTWAIT = 0x40
const ANSWERED: Verdict = { kind: 'state', state: 'open', reason: 'udp-response' }
const EMPTY = new Uint8Array(0)

export const NOT_ASKED = -1
export const ANSWERED_BEFORE = -2

/** What the prober asks of the scan's books. */
export interface ProbeBook {
  /** The slot waiting for an answer from exactly this address and port, or NOT_ASKED, or ANSWERED_BEFORE. */
  locate(target: Readonly<ProbeTarget>): number
  triesOf(slot: number): number
  sentAt(slot: number): number
  /** A port of the host in `slot` was called unreachable. */
  unreachable(slot: number, now: number): void
}

export interface UdpProberOptions {
  readonly origin: SocketOrigin
  readonly book: ProbeBook
  /** Questions by port, in the order they are asked. */
  readonly questions: ReadonlyMap<number, readonly UdpQuestion[]>
}

export class UdpProber implements Prober {
  readonly certain = true
  invalid = 0
  readonly #options: UdpProberOptions
  readonly #libc = openLibc()
  readonly #epoll = new Epoll(4 * SOCKETS)
  readonly #errors = new ErrorQueue()
  readonly #vector = new PacketVector({ count: VECTOR, size: REPLY, name: SOCKADDR_IN6 })
  /** Descriptors: IPv4 first, IPv6 from SOCKETS on; -1 until needed. */
  readonly #fds: number[] = new Array(2 * SOCKETS).fill(-1)
  readonly #address = new Uint8Array(SOCKADDR_IN6)
  readonly #view = new DataView(this.#address.buffer)
  readonly #from = emptyTarget()
  readonly #secret = randomBytes(16)
  #errorsSeen: { slot: number; verdict: Verdict; from: string | undefined }[] = []
  #sender = ''
  #local: string | null = null

  constructor(options: UdpProberOptions) {
    this.#options = options
  }

  get room(): number {
    return Number.POSITIVE_INFINITY
  }

  /** A keyed value per endpoint: who did not see the question cannot echo it, and every try expects the same one. */
  #token(target: Readonly<ProbeTarget>): number {
    let hash = this.#secret.readUInt32LE(0) ^ Math.imul(target.port + 1, 0x9e3779b1)
    const mix = (word: number) => {
      hash = Math.imul(hash ^ word ^ (hash >>> 15), 0x85ebca6b)
      hash ^= hash >>> 13
    }
    if (target.family === 4) mix(target.v4)
    else for (let i = 0; i < 16; i += 4) mix(new DataView(target.v6.buffer, target.v6.byteOffset).getUint32(i))
    mix(this.#secret.readUInt32LE(4))
    mix(this.#secret.readUInt32LE(8))
    return hash >>> 0
  }

  #datagram(target: Readonly<ProbeTarget>, tries: number): Uint8Array {
    const questions = this.#options.questions.get(target.port)
    const question = questions?.[tries % questions.length]
    return question ? question.datagram(this.#token(target)) : EMPTY
  }

  send(target: Readonly<ProbeTarget>, { tries }: ProbeId, now: number): Verdict | null {
    const index = (target.family === 4 ? 0 : SOCKETS) + (target.port % SOCKETS)
    const fd = this.#socket(index)
    if (typeof fd !== 'number') return fd
    const bytes = this.#datagram(target, tries)
    const length = putSockaddr(this.#view, 0, target)
    let name = ''
    // An ICMP error about an earlier probe is reported by whatever call comes next: read it, and send again.
    for (let attempt = 0; attempt < 3; attempt++) {
      if (this.#libc.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, this.#address, length) >= 0) {
        this.#local ??= addressTowards(this.#libc, target)
        return null
      }
      name = errnoName(this.#libc.errno())
      if (this.#drain(index, now) === 0 && attempt > 0) break
    }
    // Without a route, or to a broadcast address: nothing went out, so nothing is known about the port.
    if (['ENETUNREACH', 'EHOSTUNREACH', 'EACCES'].includes(name)) return NO_ROUTE
    const verdict = verdictOfName(name)
    return verdict.kind === 'local' ? verdict : { kind: 'local', remedy: 'pressure', code: name }
  }

  /** The descriptor of socket `index`, made when first needed, or why there is none. */
  #socket(index: number): number | Verdict {
    const there = this.#fds[index] ?? -1
    if (there >= 0) return there
    const made = bindSocket(this.#libc, index < SOCKETS ? AF_INET : AF_INET6, SOCK_DGRAM, this.#options.origin)
    if (made.fd < 0) return verdictOf(made.errno)
    this.#epoll.add(made.fd, EPOLLIN, index)
    this.#fds[index] = made.fd
    return made.fd
  }

  collect(now: number, report: Report): number {
    let count = 0
    const events = this.#epoll.wait()
    for (let i = 0; i < events; i++) {
      const index = this.#epoll.dataAt(i)
      if (this.#epoll.eventsAt(i) & EPOLLERR) this.#drain(index, now)
      count += this.#receive(index, now, report)
    }
    const errors = this.#errorsSeen
    this.#errorsSeen = []
    for (const { slot, verdict, from } of errors) report(slot, verdict, this.#rtt(slot, now), from)
    return count + errors.length
  }

  // With several tries under way nobody knows which one was answered.
  #rtt(slot: number, now: number): number | null {
    const { book } = this.#options
    return book.triesOf(slot) === 1 ? Math.max(0, now - book.sentAt(slot)) : null
  }

  #receive(index: number, now: number, report: Report): number {
    let total = 0
    for (;;) {
      const count = this.#vector.receive(this.#fds[index] ?? -1, MSG_DONTWAIT)
      for (let i = 0; i < count; i++) {
        if (getSockaddr(this.#vector.view, this.#vector.nameAt(i), this.#from)) this.#reply(index, i, now, report)
      }
      if (count > 0) total += count
      if (count < VECTOR) return total
    }
  }

  #reply(index: number, i: number, now: number, report: Report): void {
    const { book } = this.#options
    const from = this.#from
    const asked = book.locate(from)
    if (asked === ANSWERED_BEFORE) return
    if (asked >= 0 && index % SOCKETS === from.port % SOCKETS) {
      report(asked, ANSWERED, this.#rtt(asked, now))
      return
    }
    const at = this.#vector.payloadAt(i)
    const reply = this.#vector.bytes.slice(at, at + Math.min(this.#vector.length(i), REPLY))
    const slot = this.#askedElsewhere(index, reply)
    if (slot < 0) this.invalid++
    else report(slot, ANSWERED, this.#rtt(slot, now), this.#sender)
  }

  /**
   * Some servers answer from a port of their own (TFTP, RFC 1350 section 4): the answer itself must show which question
   * it belongs to. Leaves the text form of the sender in `#sender`.
   */
  #askedElsewhere(index: number, reply: Uint8Array): number {
    const from = this.#from
    const { port } = from
    const text = formatTarget(from)
    this.#sender = from.family === 4 ? `${text}:${port}` : `[${text}]:${port}`
    for (const [asked, questions] of this.#options.questions) {
      if (asked % SOCKETS !== index % SOCKETS) continue
      from.port = asked
      const token = this.#token(from)
      if (!questions.some((question) => question.answers?.(reply, token))) continue
      const slot = this.#options.book.locate(from)
      if (slot >= 0) return slot
    }
    return -1
  }

  /** Reads the ICMP errors of one socket; they are reported by the next `collect`. */
  #drain(index: number, now: number): number {
    return this.#errors.drain(this.#fds[index] ?? -1, (error) => this.#noteError(error, now))
  }

  #noteError({ target, reason, fromTarget, sender }: IcmpError, now: number): void {
    const { book } = this.#options
    const slot = book.locate(target)
    if (slot < 0) return
    if (reason === 'port-unreach') book.unreachable(slot, now)
    const verdict: Verdict = { kind: 'state', state: icmpState('udp', reason, fromTarget), reason }
    this.#errorsSeen.push({ slot, verdict, from: fromTarget ? undefined : sender })
  }

  // A late answer is as good as a prompt one: the sockets stay.
  abandon(): void {}

  wait(ms: number): Promise<void> {
    return this.#epoll.idle(ms)
  }

  wake(): void {
    this.#epoll.wake()
  }

  localAddress(): string | null {
    return this.#local
  }

  close(): void {
    for (const fd of this.#fds) if (fd >= 0) this.#libc.close(fd)
    this.#fds.fill(-1)
    this.#errors.free()
    this.#vector.free()
    this.#epoll.close()
  }
}
