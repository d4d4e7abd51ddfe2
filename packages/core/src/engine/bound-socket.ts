/** Sockets bound to a source port of their own, and what the kernel knows about them. */
import { emptyTarget } from '#core/target/create-probe-space.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { LocalTrouble } from './engine.ts'
import { errnoName } from './errno.ts'
import type { Libc } from './libc.ts'
import { AF_INET, AF_INET6, formatTarget, getSockaddr, putSockaddr, SOCKADDR_IN6, sameAddress } from './sockaddr.ts'

export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_NONBLOCK = 0x800
export const SOCK_CLOEXEC = 0x8_0000
const SOL_SOCKET = 1
const SO_LINGER = 13
const SO_BINDTODEVICE = 25
const IPPROTO_TCP = 6
const TCP_INFO = 11
const TCP_INFO_RTT = 68
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const IPV6_RECVERR = 25
const IP_RECVERR = 11
const IPPROTO_IP = 0

/** Where connections leave from: null leaves it to the routing table. */
export interface SocketOrigin {
  readonly address: Readonly<ProbeTarget> | null
  readonly interface: string | null
}

const LINGER_ZERO = new Uint8Array(Int32Array.of(1, 0).buffer)
const ONE = new Uint8Array(Int32Array.of(1).buffer)

/**
 * A non-blocking socket bound to a free port, ICMP errors queued. For TCP, asking the kernel for a port per socket, not
 * per connection, is what keeps ephemeral ports from running out. `fd` is -1 when the machine has none to give. Throws
 * LocalTrouble when the asked source address or interface is not there.
 */
export function bindSocket(
  libc: Libc,
  family: number,
  type: number,
  origin: SocketOrigin,
): { fd: number; port: number; errno: number } {
  const fd = libc.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
  if (fd < 0) return { fd: -1, port: 0, errno: -fd }
  const fail = (errno: number) => {
    libc.close(fd)
    return { fd: -1, port: 0, errno }
  }
  // What is still connected when the engine closes says goodbye with RST, not with a minute of TIME_WAIT.
  if (type === SOCK_STREAM) libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER_ZERO, 8)
  if (family === AF_INET) libc.setsockopt(fd, IPPROTO_IP, IP_RECVERR, ONE, 4)
  else for (const option of [IPV6_V6ONLY, IPV6_RECVERR]) libc.setsockopt(fd, IPPROTO_IPV6, option, ONE, 4)
  bindToInterface(libc, fd, origin)
  const errno = bindToFreePort(libc, { fd, family, type }, origin)
  return errno === 0 ? { fd, port: nameOf(libc, fd, 'getsockname')?.port ?? 0, errno } : fail(errno)
}

/** Makes `fd` send through the asked interface alone; closes it and throws LocalTrouble when that cannot be. */
export function bindToInterface(libc: Libc, fd: number, origin: SocketOrigin): void {
  if (origin.interface === null) return
  const name = Buffer.from(`${origin.interface}\0`)
  const bound = libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length)
  if (bound === 0) return
  const code = errnoName(-bound)
  libc.close(fd)
  throw new LocalTrouble(code, `cannot send through interface ${origin.interface}: ${code}`)
}

/**
 * A port the kernel chose by itself it takes back when the connection ends; one that was asked for by number stays. So
 * a second socket is used to find a number. Returns an errno, 0 when bound.
 */
function bindToFreePort(
  libc: Libc,
  socket: { fd: number; family: number; type: number },
  origin: SocketOrigin,
): number {
  const { fd, family, type } = socket
  const any: ProbeTarget = { ...emptyTarget(), family: family === AF_INET ? 4 : 6 }
  const from = origin.address?.family === any.family ? origin.address : any
  let errno = 0
  for (let attempt = 0; attempt < 3; attempt++) {
    const scout = libc.socket(family, type | SOCK_CLOEXEC, 0)
    if (scout < 0) return -scout
    if (family !== AF_INET) libc.setsockopt(scout, IPPROTO_IPV6, IPV6_V6ONLY, ONE, 4)
    errno = bind(libc, scout, from, 0)
    const port = errno === 0 ? (nameOf(libc, scout, 'getsockname')?.port ?? 0) : 0
    libc.close(scout)
    if (errno === 0) errno = bind(libc, fd, from, port)
    if (errno === 0) return 0
    if (errnoName(errno) === 'EADDRNOTAVAIL' && from !== any)
      throw new LocalTrouble('EADDRNOTAVAIL', `${formatTarget(from)} is no address of this machine`)
  }
  return errno
}

/** Binds to an address and port; returns an errno, 0 when bound. */
export function bind(libc: Libc, fd: number, from: Readonly<ProbeTarget>, port: number): number {
  const address = new Uint8Array(SOCKADDR_IN6)
  const length = putSockaddr(new DataView(address.buffer), 0, { ...from, port })
  return -libc.bind(fd, address, length)
}

function nameOf(libc: Libc, fd: number, which: 'getsockname' | 'getpeername'): ProbeTarget | null {
  const address = new Uint8Array(SOCKADDR_IN6)
  const length = new Uint8Array(Uint32Array.of(SOCKADDR_IN6).buffer)
  const target = emptyTarget()
  if (libc[which](fd, address, length) < 0) return null
  return getSockaddr(new DataView(address.buffer), 0, target) ? target : null
}

/** Both ends of an established connection; null when it is gone again. */
export function localEnds(libc: Libc, fd: number): { local: string; sameAddress: boolean; peerPort: number } | null {
  const local = nameOf(libc, fd, 'getsockname')
  const peer = nameOf(libc, fd, 'getpeername')
  if (local === null || peer === null) return null
  return { local: formatTarget(local), sameAddress: sameAddress(local, peer), peerPort: peer.port }
}

/** The kernel's own measurement of the handshake in milliseconds: free of this process's delays. Null when it has none. */
export function smoothedRtt(libc: Libc, fd: number): number | null {
  const info = new Uint8Array(TCP_INFO_RTT + 4)
  const length = new Uint8Array(Uint32Array.of(info.length).buffer)
  if (libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length) < 0) return null
  const microseconds = new DataView(info.buffer).getUint32(TCP_INFO_RTT, true)
  return microseconds > 0 ? microseconds / 1000 : null
}

/** The address this machine would use towards `target`, without sending anything; null when there is no route. */
export const sourceTowards = (libc: Libc, target: Readonly<ProbeTarget>): ProbeTarget | null =>
  askForWay(libc, target).source

/** The same with the errno of what keeps this machine from sending there, 0 for nothing. */
export function askForWay(libc: Libc, target: Readonly<ProbeTarget>): { source: ProbeTarget | null; errno: number } {
  const fd = libc.socket(target.family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) return { source: null, errno: -fd }
  const address = new Uint8Array(SOCKADDR_IN6)
  // Port 0 cannot be connected to, any other will do.
  const length = putSockaddr(new DataView(address.buffer), 0, { ...target, port: 9 })
  const connected = libc.connect(fd, address, length)
  const source = connected < 0 ? null : nameOf(libc, fd, 'getsockname')
  libc.close(fd)
  return { source, errno: Math.max(0, -connected) }
}
