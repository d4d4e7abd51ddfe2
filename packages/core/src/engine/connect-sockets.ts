/**
 * The sockets of a connect scan, each bound once to a source port of its own and used again and again: a scan of any size
 * takes as many ephemeral ports as it has sockets, so they cannot run out.
 */
import { bindSocket, SOCK_STREAM, type SocketOrigin } from './bound-socket.ts'
import { EPOLLET, EPOLLOUT, type Epoll } from './epoll.ts'
import { type Verdict, verdictOf } from './errno.ts'
import { type Libc, openLibc } from './libc.ts'
import { AF_INET, AF_INET6 } from './sockaddr.ts'

/**
 * Sockets are kept apart by the number of the try, so that a repeated probe leaves from another port: on the same one the
 * late answer to the earlier SYN would meet the new connection, and the two could end in a reset nobody meant.
 */
const GENERATIONS = 4
/** How often more sockets are tried for again after the machine had none, ms. */
const REGROW = 1000
const EXHAUSTED: Verdict = { kind: 'local', remedy: 'pressure', code: 'EMFILE' }

export class ConnectSockets {
  readonly #libc: Libc = openLibc()
  readonly #epoll: Epoll
  readonly #origin: SocketOrigin
  readonly #most: number
  #limit: number
  #growAt = 0
  readonly #fds: number[] = []
  readonly #ports: number[] = []
  /** Idle sockets by family and generation, and the list each socket belongs to. */
  readonly #free: readonly number[][] = Array.from({ length: 2 * GENERATIONS }, () => [])
  readonly #kinds: number[] = []
  /** Numbers whose descriptor could not be had. */
  readonly #holes: number[] = []
  /** Source ports that are ours: a connection to one of them on this machine is a connection to ourselves. */
  readonly #ownPorts = new Uint8Array(65_536)

  /** `most` sockets at once; fewer when the machine gives fewer. `epoll` watches them all, under their numbers here. */
  constructor(epoll: Epoll, most: number, origin: SocketOrigin) {
    this.#epoll = epoll
    this.#most = most
    this.#limit = most
    this.#origin = origin
  }

  /** How many can be in use. */
  get limit(): number {
    return this.#limit
  }

  fdOf(socket: number): number {
    return this.#fds[socket]!
  }

  kindOf(socket: number): number {
    return this.#kinds[socket]!
  }

  isOwnPort(port: number): boolean {
    return this.#ownPorts[port] === 1
  }

  /** What a socket has to be like for one more try after `tries`. */
  kindFor(family: 4 | 6, tries: number): number {
    return (family === 4 ? 0 : GENERATIONS) + (tries % GENERATIONS)
  }

  /** A socket of that kind, or why there is none. At the limit an idle socket of another kind makes room. */
  take(kind: number): number | Verdict {
    return this.#free[kind]!.pop() ?? this.#open(kind)
  }

  /** `last`: others go first, since this one's port is taken where it was to go. */
  giveBack(socket: number, last = false): void {
    const list = this.#free[this.#kinds[socket]!]!
    if (last) list.unshift(socket)
    else list.push(socket)
  }

  #open(kind: number): number | Verdict {
    const full = this.#fds.length - this.#holes.length >= this.#limit
    const socket = full ? this.#evict() : (this.#holes.pop() ?? this.#fds.length)
    if (socket === undefined) return EXHAUSTED
    const made = bindSocket(this.#libc, kind < GENERATIONS ? AF_INET : AF_INET6, SOCK_STREAM, this.#origin)
    const watched = made.fd >= 0 && this.#epoll.add(made.fd, EPOLLOUT | EPOLLET, socket) === 0
    this.#fds[socket] = watched ? made.fd : -1
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

  /** Once the machine has had none to give, more are tried for step by step. */
  regrow(now: number): void {
    if (this.#limit === this.#most || now < this.#growAt) return
    this.#limit = Math.min(this.#most, this.#limit * 2)
    this.#growAt = now + REGROW
  }

  close(): void {
    for (const fd of this.#fds) if (fd >= 0) this.#libc.close(fd)
    this.#fds.length = 0
  }
}
