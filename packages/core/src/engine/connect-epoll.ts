/**
 * TCP connects by the thousand on Linux.
 *
 * A socket is used again and again: when connect() reports a refusal the kernel has already put the socket back into
 * its unconnected state, and connect() to AF_UNSPEC does the same to any other, answering an open port with RST. So a
 * closed port costs two system calls and no file descriptor, and since every socket is bound once to a source port of
 * its own, a scan of any size uses as many ephemeral ports as it has sockets: they cannot run out.
 *
 * A second connect() on a socket whose handshake is over returns the result (and the socket): cheaper than SO_ERROR.
 */
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { bindSocket, localEnds, SOCK_STREAM, type SocketOrigin, smoothedRtt, sourceTowards } from './bound-socket.ts'
import { EPOLLERR, EPOLLET, EPOLLOUT, Epoll } from './epoll.ts'
import { errnoName, sendVerdict, type Verdict, verdictOf } from './errno.ts'
import { ErrorQueue, type IcmpError } from './error-queue.ts'
import { icmpState } from './icmp-verdict.ts'
import { openLibc } from './libc.ts'
import type { ProbeId, Prober, Report } from './prober.ts'
import { AF_INET, AF_INET6, putSockaddr, SOCKADDR_IN6 } from './sockaddr.ts'

const IDLE = -1
/**
 * Sockets are kept apart by the number of the try, so that a repeated probe leaves from another port: on the same one the
 * late answer to the earlier SYN would meet the new connection, and the two could end in a reset nobody meant.
 */
const GENERATIONS = 4
/** How often more sockets are tried for again after the machine had none, ms. */
const REGROW = 1000
/** Other sockets tried when one's port already has a connection to the very same endpoint. */
const CLASHES = 4
const OPEN: Verdict = { kind: 'state', state: 'open', reason: 'conn-accept' }
const EXHAUSTED: Verdict = { kind: 'local', remedy: 'pressure', code: 'EMFILE' }
const CLOSED: Verdict = { kind: 'state', state: 'closed', reason: 'conn-refused' }

export interface EpollProberOptions {
  /** Most sockets at once; fewer when the machine gives fewer. */
  readonly sockets: number
  /** One more than the largest slot. */
  readonly slots: number
  readonly origin: SocketOrigin
}

export class EpollProber implements Prober {
  readonly invalid = 0
  readonly certain = true
  readonly #libc = openLibc()
  readonly #epoll = new Epoll(1024)
  readonly #errors = new ErrorQueue(1)
  readonly #origin: SocketOrigin
  readonly #most: number
  #limit: number
  #growAt = 0
  readonly #fds: number[] = []
  /** Slot each socket works for, and since when. */
  readonly #slotOf: number[] = []
  readonly #since: number[] = []
  readonly #ports: number[] = []
  /** Idle sockets by family and generation, and the list each socket belongs to. */
  readonly #free: readonly number[][] = Array.from({ length: 2 * GENERATIONS }, () => [])
  readonly #kinds: number[] = []
  /** Numbers whose descriptor could not be had. */
  readonly #holes: number[] = []
  readonly #socketOf: Int32Array
  /** Source ports that are ours: a connection to one of them on this machine is a connection to ourselves. */
  readonly #ownPorts = new Uint8Array(65_536)
  readonly #address = new Uint8Array(SOCKADDR_IN6)
  readonly #view = new DataView(this.#address.buffer)
  readonly #unspec = new Uint8Array(16)
  /** Outcomes known before `send` returned. */
  #instant: { slot: number; verdict: Verdict }[] = []
  #local: string | null = null
  #busy = 0

  constructor({ sockets, slots, origin }: EpollProberOptions) {
    this.#most = sockets
    this.#limit = sockets
    this.#origin = origin
    this.#socketOf = new Int32Array(slots).fill(IDLE)
  }

  /** Readable when there is something to collect. */
  get fd(): number {
    return this.#epoll.fd
  }

  get room(): number {
    return this.#limit - this.#busy
  }

  send(target: Readonly<ProbeTarget>, { slot, tries }: ProbeId, now: number): Verdict | null {
    const kind = (target.family === 4 ? 0 : GENERATIONS) + (tries % GENERATIONS)
    const length = putSockaddr(this.#view, 0, target)
    for (let clashes = 0; ; clashes++) {
      const socket = this.#free[kind]!.pop() ?? this.#open(kind)
      if (typeof socket !== 'number') return socket
      const errno = -this.#libc.connect(this.#fds[socket]!, this.#address, length)
      if (errno === 0) {
        this.#instant.push({ slot, verdict: this.#opened(socket) })
        this.#disconnect(socket)
        this.#free[kind]!.push(socket)
        return null
      }
      const verdict = sendVerdict(errno)
      if (verdict.kind === 'pending') {
        this.#slotOf[socket] = slot
        this.#since[socket] = now
        this.#socketOf[slot] = socket
        this.#busy++
        return null
      }
      const name = errnoName(errno)
      const clash = name === 'EADDRNOTAVAIL' || name === 'EADDRINUSE'
      if (clash) this.#free[kind]!.unshift(socket)
      else this.#free[kind]!.push(socket)
      if (clash && clashes < CLASHES) continue
      if (verdict.kind !== 'state') return verdict
      this.#instant.push({ slot, verdict })
      return null
    }
  }

  /** A new socket, or why there is none. At the limit an idle socket of another kind makes room. */
  #open(kind: number): number | Verdict {
    const full = this.#fds.length - this.#holes.length >= this.#limit
    const socket = full ? this.#evict() : (this.#holes.pop() ?? this.#fds.length)
    if (socket === undefined) return EXHAUSTED
    const made = bindSocket(this.#libc, kind < GENERATIONS ? AF_INET : AF_INET6, SOCK_STREAM, this.#origin)
    const watched = made.fd >= 0 && this.#epoll.add(made.fd, EPOLLOUT | EPOLLET, socket) === 0
    this.#fds[socket] = watched ? made.fd : -1
    this.#slotOf[socket] = IDLE
    this.#kinds[socket] = kind
    if (watched) {
      this.#ownPorts[made.port] = 1
      this.#ports[socket] = made.port
      return socket
    }
    if (made.fd >= 0) this.#libc.close(made.fd)
    this.#holes.push(socket)
    // What there is has to do for a while; a single socket is enough to go on.
    this.#limit = Math.max(1, this.#fds.length - this.#holes.length)
    return made.fd < 0 ? verdictOf(made.errno) : EXHAUSTED
  }

  #evict(): number | undefined {
    const socket = this.#free.find((list) => list.length > 0)?.pop()
    if (socket === undefined) return undefined
    this.#libc.close(this.#fds[socket]!)
    this.#ownPorts[this.#ports[socket]!] = 0
    return socket
  }

  collect(now: number, report: Report): number {
    if (this.#limit < this.#most && now >= this.#growAt) {
      this.#limit = Math.min(this.#most, this.#limit * 2)
      this.#growAt = now + REGROW
    }
    let count = this.#instant.length
    for (const { slot, verdict } of this.#instant) report(slot, verdict, 0)
    this.#instant = []
    for (;;) {
      const events = this.#epoll.wait()
      for (let i = 0; i < events; i++)
        count += this.#settle(this.#epoll.dataAt(i), this.#epoll.eventsAt(i), now, report)
      if (events < 1024) return count
    }
  }

  /** Looks at one socket that stirred; 1 when that brought an outcome. */
  #settle(socket: number, events: number, now: number, report: Report): 0 | 1 {
    const slot = this.#slotOf[socket] ?? IDLE
    if (slot === IDLE) return 0
    const fd = this.#fds[socket]!
    const errno = -this.#libc.connect(fd, this.#address, SOCKADDR_IN6)
    const failed = errno !== 0
    const verdict = failed ? verdictOf(errno) : this.#opened(socket)
    const elapsed = Math.max(0, now - (this.#since[socket] ?? now))
    const rtt = failed ? elapsed : Math.min(elapsed, smoothedRtt(this.#libc, fd) ?? elapsed)
    const icmp = failed && events & EPOLLERR ? this.#icmp(fd) : null
    if (verdict.kind === 'pending' && icmp === null) return 0
    if (!failed || verdict.kind === 'pending') this.#disconnect(socket)
    this.#release(slot)
    if (icmp === null) report(slot, verdict, rtt)
    else {
      const state = icmpState('tcp', icmp.reason, icmp.fromTarget)
      report(slot, { kind: 'state', state, reason: icmp.reason }, rtt, icmp.fromTarget ? undefined : icmp.sender)
    }
    return 1
  }

  /** Several ICMP codes share an errno, and a firewall's port-unreachable looks like a refusal: the queue tells. */
  #icmp(fd: number): IcmpError | null {
    let last: IcmpError | null = null
    this.#errors.drain(fd, (error) => {
      last = error
    })
    return last
  }

  /** The handshake is complete: with whom? A port we hold ourselves has no listener, it met our own socket. */
  #opened(socket: number): Verdict {
    const ends = localEnds(this.#libc, this.#fds[socket]!)
    if (ends === null) return OPEN
    this.#local = ends.local
    return ends.sameAddress && this.#ownPorts[ends.peerPort] === 1 ? CLOSED : OPEN
  }

  #disconnect(socket: number): void {
    this.#libc.connect(this.#fds[socket]!, this.#unspec, 16)
  }

  #release(slot: number): void {
    const socket = this.#socketOf[slot] ?? IDLE
    if (socket === IDLE) return
    this.#socketOf[slot] = IDLE
    this.#slotOf[socket] = IDLE
    this.#busy--
    this.#free[this.#kinds[socket]!]!.push(socket)
  }

  abandon(slot: number): void {
    const socket = this.#socketOf[slot] ?? IDLE
    if (socket === IDLE) return
    this.#disconnect(socket)
    this.#release(slot)
  }

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
    this.#fds.length = 0
    this.#errors.free()
    this.#epoll.close()
  }
}
