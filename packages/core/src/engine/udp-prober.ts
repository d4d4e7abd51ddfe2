/**
 * UDP probes on Linux from ordinary sockets: replies by recvmmsg, ICMP errors by the error queue (IP_RECVERR, no
 * privilege). The sockets are unconnected, a handful for all targets, each with a source port of its own; which one asks
 * depends on the port asked, so a reply is only believed where its question left.
 */

import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { bindSocket, SOCK_DGRAM, type SocketOrigin, sourceTowards } from './bound-socket.ts'
import { EPOLLERR, EPOLLIN, Epoll } from './epoll.ts'
import { errnoName, sendVerdict, type Verdict, verdictOf } from './errno.ts'
import { ErrorQueue, type IcmpError } from './error-queue.ts'
import { icmpState } from './icmp-verdict.ts'
import { openLibc } from './libc.ts'
import { PacketVector } from './packet-vector.ts'
import type { ProbeId, Prober, Report } from './prober.ts'
import { AF_INET, AF_INET6, formatTarget, getSockaddr, putSockaddr, SOCKADDR_IN6 } from './sockaddr.ts'
import type { UdpQuestioner } from './udp-questioner.ts'

/** Sockets per family: few enough to watch, enough that a reply from an unasked port has few questions to belong to. */
const SOCKETS = 16
/** Longest reply looked at; what is longer is an answer all the same. */
const REPLY = 2048
const VECTOR = 64
const MSG_DONTWAIT = 0x40
const ANSWERED: Verdict = { kind: 'state', state: 'open', reason: 'udp-response' }

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
  readonly questioner: UdpQuestioner
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
  #errorsSeen: { slot: number; verdict: Verdict; from: string | undefined }[] = []
  #sender = ''
  #local: string | null = null

  constructor(options: UdpProberOptions) {
    this.#options = options
  }

  /** Readable when there is something to collect. */
  get fd(): number {
    return this.#epoll.fd
  }

  get room(): number {
    return Number.POSITIVE_INFINITY
  }

  send(target: Readonly<ProbeTarget>, { tries }: ProbeId, now: number): Verdict | null {
    const index = (target.family === 4 ? 0 : SOCKETS) + (target.port % SOCKETS)
    const fd = this.#socket(index)
    if (typeof fd !== 'number') return fd
    const bytes = this.#options.questioner.datagram(target, tries)
    const length = putSockaddr(this.#view, 0, target)
    let sent = 0
    // An ICMP error about an earlier probe is reported by whatever call comes next: read it, and send again.
    for (let attempt = 0; attempt < 3; attempt++) {
      sent = this.#libc.sendto(fd, bytes, bytes.length, MSG_DONTWAIT, this.#address, length)
      if (sent >= 0) {
        if (this.#local === null) this.#local = this.#sourceTowards(target)
        return null
      }
      if (this.#drain(index, now) === 0 && attempt > 0) break
    }
    // Without a route, or to a broadcast address: nothing went out, so nothing is known about the port.
    const verdict = sendVerdict(-sent)
    return verdict.kind === 'local' ? verdict : { kind: 'local', remedy: 'pressure', code: errnoName(-sent) }
  }

  #sourceTowards(target: Readonly<ProbeTarget>): string | null {
    const source = sourceTowards(this.#libc, target)
    return source && formatTarget(source)
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

  /** The slot of the question that a reply from an unasked port answers, or -1; the sender's text is left in `#sender`. */
  #askedElsewhere(index: number, reply: Uint8Array): number {
    const from = this.#from
    const text = formatTarget(from)
    this.#sender = from.family === 4 ? `${text}:${from.port}` : `[${text}]:${from.port}`
    let slot = NOT_ASKED
    this.#options.questioner.findAsked(reply, from, (asked) => {
      if (asked.port % SOCKETS === index % SOCKETS) slot = this.#options.book.locate(asked)
      return slot >= 0
    })
    return slot
  }

  /** Reads the ICMP errors of one socket; they are reported by the next `collect`. */
  #drain(index: number, now: number): number {
    return this.#errors.drain(this.#fds[index] ?? -1, (error) => this.#noteError(index, error, now))
  }

  #noteError(index: number, { target, reason, fromTarget, sender }: IcmpError, now: number): void {
    const { book } = this.#options
    const slot = book.locate(target)
    if (slot < 0) return
    // The kernel takes any error that quotes a port of ours: this one's question left through another.
    if (target.port % SOCKETS !== index % SOCKETS) {
      this.invalid++
      return
    }
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

  isRouted(target: Readonly<ProbeTarget>): boolean {
    return sourceTowards(this.#libc, target) !== null
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
