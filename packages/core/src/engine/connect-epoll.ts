/**
 * TCP connects by the thousand on Linux.
 *
 * A socket is used again and again: when connect() reports a refusal the kernel has already put the socket back into
 * its unconnected state, and connect() to AF_UNSPEC does the same to any other, answering an open port with RST. So a
 * closed port costs three system calls and no file descriptor, and the calls of many ports are made in one go.
 *
 * A second connect() on a socket whose handshake is over returns the result (and the socket): cheaper than SO_ERROR.
 */
import assert from 'node:assert'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { localEnds, type SocketOrigin, smoothedRtt, sourceTowards } from './bound-socket.ts'
import { ASKS, ConnectCalls, RESULT, START } from './connect-calls.ts'
import { ConnectSockets } from './connect-sockets.ts'
import { EPOLLERR, Epoll } from './epoll.ts'
import { errnoName, sendVerdict, type Verdict, verdictOf } from './errno.ts'
import { ErrorQueue, type IcmpError } from './error-queue.ts'
import { icmpState } from './icmp-verdict.ts'
import { openLibc } from './libc.ts'
import type { ProbeId, Prober, Report } from './prober.ts'

/** Of a slot: no socket works for it. Of a socket: it works for no slot, or for one that has been given up. */
const [NONE, LOST] = [-1, -2]
/** Other sockets tried when one's port already has a connection to the very same endpoint. */
const CLASHES = 4
const OPEN: Verdict = { kind: 'state', state: 'open', reason: 'conn-accept' }
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
  readonly certain = false
  readonly #libc = openLibc()
  readonly #epoll = new Epoll(ASKS)
  readonly #errors = new ErrorQueue(1)
  readonly #sockets: ConnectSockets
  /** Calls to be made, and those that have been: empty but for the time between. */
  #calls = new ConnectCalls()
  #made = new ConnectCalls()
  /** Slot each socket works for, since when, and whether one of its calls is still to be made. */
  readonly #slotOf: number[] = []
  readonly #since: number[] = []
  readonly #isListed: boolean[] = []
  readonly #socketOf: Int32Array
  readonly #unspec = new Uint8Array(16)
  #local: string | null = null
  #busy = 0

  constructor({ sockets, slots, origin }: EpollProberOptions) {
    this.#sockets = new ConnectSockets(this.#epoll, sockets, origin)
    this.#socketOf = new Int32Array(slots).fill(NONE)
  }

  get room(): number {
    return Math.min(this.#sockets.limit - this.#busy, this.#calls.room)
  }

  send(target: Readonly<ProbeTarget>, { slot, tries }: ProbeId, now: number): Verdict | null {
    const socket = this.#sockets.take(this.#sockets.kindFor(target.family, tries))
    if (typeof socket !== 'number') return socket
    this.#calls.start(socket, this.#sockets.fdOf(socket), target)
    this.#begin(socket, slot, now)
    return null
  }

  #begin(socket: number, slot: number, now: number): void {
    this.#slotOf[socket] = slot
    this.#since[socket] = now
    this.#isListed[socket] = true
    this.#socketOf[slot] = socket
    this.#busy++
  }

  flush(): void {
    if (this.#calls.count > 0) this.#run()
  }

  /** Makes the calls there are, and goes on with an empty list. */
  #run(): void {
    assert(this.#made.count === 0)
    this.#calls.run()
    const made = this.#calls
    this.#calls = this.#made
    this.#made = made
  }

  collect(now: number, report: Report): number {
    this.#sockets.regrow(now)
    let count = this.#read(now, report)
    for (;;) {
      const events = this.#epoll.wait()
      for (let i = 0; i < events; i++) this.#stirred(this.#epoll.dataAt(i), this.#epoll.eventsAt(i))
      this.#run()
      count += this.#read(now, report)
      if (events < ASKS) return count + this.#calls.count
    }
  }

  /** What the calls that have been made have brought. */
  #read(now: number, report: Report): number {
    const calls = this.#made
    let count = 0
    for (let i = 0; i < calls.count; i++) {
      const kind = calls.kindOf(i)
      if (kind === START) count += this.#started(calls, i, report)
      else if (kind === RESULT) count += this.#ended(calls, i, now, report)
    }
    calls.clear()
    return count
  }

  #stirred(socket: number, events: number): void {
    const slot = this.#slotOf[socket] ?? NONE
    if (slot === NONE || this.#isListed[socket]) return
    this.#isListed[socket] = true
    this.#calls.ask(socket, this.#sockets.fdOf(socket), (events & EPOLLERR) !== 0)
  }

  /** A handshake has begun, or has not; 1 when that brought an outcome. */
  #started(calls: ConnectCalls, i: number, report: Report): 0 | 1 {
    const socket = calls.socketOf(i)
    const slot = this.#slotOf[socket]!
    const errno = -calls.resultOf(i)
    const verdict = errno === 0 ? this.#opened(socket) : sendVerdict(errno)
    if (verdict.kind === 'pending') {
      this.#goOn(socket)
      if (slot !== LOST) report(slot, verdict, null)
      return 0
    }
    const name = errnoName(errno)
    const clash = name === 'EADDRNOTAVAIL' || name === 'EADDRINUSE'
    const since = this.#since[socket]!
    if (errno === 0) this.#disconnect(socket)
    this.#release(socket, clash)
    if (slot === LOST || (clash && this.#restart(calls, i, { slot, since }))) return 0
    report(slot, verdict, 0)
    return 1
  }

  /** With another socket, whose port may be free where this one's was not. */
  #restart(calls: ConnectCalls, i: number, { slot, since }: { slot: number; since: number }): boolean {
    if (calls.clashesOf(i) >= CLASHES) return false
    const socket = this.#sockets.take(this.#sockets.kindOf(calls.socketOf(i)))
    if (typeof socket !== 'number') return false
    this.#calls.restart(socket, this.#sockets.fdOf(socket), calls, i)
    this.#begin(socket, slot, since)
    return true
  }

  /** How a handshake ended; 1 when it has. */
  #ended(calls: ConnectCalls, i: number, now: number, report: Report): 0 | 1 {
    const socket = calls.socketOf(i)
    const slot = this.#slotOf[socket]!
    const fd = this.#sockets.fdOf(socket)
    const errno = -calls.resultOf(i)
    const failed = errno !== 0
    const verdict = failed ? verdictOf(errno) : this.#opened(socket)
    const elapsed = Math.max(0, now - this.#since[socket]!)
    const rtt = failed ? elapsed : Math.min(elapsed, smoothedRtt(this.#libc, fd) ?? elapsed)
    const icmp = failed ? this.#icmp(calls, i, fd) : null
    if (verdict.kind === 'pending' && icmp === null) {
      this.#goOn(socket)
      return 0
    }
    if (!failed || verdict.kind === 'pending') this.#disconnect(socket)
    this.#release(socket)
    if (slot === LOST) return 0
    if (icmp === null) report(slot, verdict, rtt)
    else {
      const state = icmpState('tcp', icmp.reason, icmp.fromTarget)
      report(slot, { kind: 'state', state, reason: icmp.reason }, rtt, icmp.fromTarget ? undefined : icmp.sender)
    }
    return 1
  }

  /** Several ICMP codes share an errno, and a firewall's port-unreachable looks like a refusal: the queue tells. */
  #icmp(calls: ConnectCalls, i: number, fd: number): IcmpError | null {
    let last = calls.errorBehind(i)
    if (last === null) return null
    this.#errors.drain(fd, (error) => {
      last = error
    })
    return last
  }

  /** The handshake is not over: whoever waits for it goes on. */
  #goOn(socket: number): void {
    this.#isListed[socket] = false
    if (this.#slotOf[socket] !== LOST) return
    this.#disconnect(socket)
    this.#release(socket)
  }

  /** The handshake is complete: with whom? A port we hold ourselves has no listener, it met our own socket. */
  #opened(socket: number): Verdict {
    const ends = localEnds(this.#libc, this.#sockets.fdOf(socket))
    if (ends === null) return OPEN
    this.#local = ends.local
    return ends.sameAddress && this.#sockets.isOwnPort(ends.peerPort) ? CLOSED : OPEN
  }

  #disconnect(socket: number): void {
    this.#libc.connect(this.#sockets.fdOf(socket), this.#unspec, 16)
  }

  /** `last`: others go before this one. */
  #release(socket: number, last = false): void {
    const slot = this.#slotOf[socket]!
    if (slot !== LOST) this.#socketOf[slot] = NONE
    this.#slotOf[socket] = NONE
    this.#busy--
    this.#sockets.giveBack(socket, last)
  }

  abandon(slot: number): void {
    const socket = this.#socketOf[slot] ?? NONE
    if (socket === NONE) return
    this.#socketOf[slot] = NONE
    this.#slotOf[socket] = LOST
    // Whose call is still to be made is had back when it has been.
    if (!this.#isListed[socket]) this.#goOn(socket)
  }

  wait(ms: number): Promise<void> {
    return this.#epoll.idle(this.#made.count > 0 ? 0 : ms)
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
    this.#sockets.close()
    for (const calls of [this.#calls, this.#made]) calls.free()
    this.#errors.free()
    this.#epoll.close()
  }
}
