/**
 * What an error number from a socket means: a verdict on the asked port, or trouble of this machine. Exhaustive over
 * what connect(2), send(2), tcp(7), udp(7), ip(7), ipv6(7) and icmp(7) raise on Linux. What is not listed is local and
 * fatal: failing loudly is better than calling a port filtered because this machine has a problem.
 */
import type { PortState, Reason } from './engine.ts'

/**
 * `pressure`: out of something for a moment, send slower and repeat.
 * `link`: the way out is gone; pause and repeat, give up when it stays gone.
 * `fatal`: repeating cannot help.
 */
export type Remedy = 'pressure' | 'link' | 'fatal'

export type Verdict =
  | { readonly kind: 'state'; readonly state: PortState; readonly reason: Reason }
  | { readonly kind: 'local'; readonly remedy: Remedy; readonly code: string }
  /** Nobody answered this attempt; whether it is repeated is the retry schedule's matter. */
  | { readonly kind: 'silent' }
  /** Not finished, or interrupted: ask again. */
  | { readonly kind: 'pending' }

const state = (portState: PortState, reason: Reason): Verdict => ({ kind: 'state', state: portState, reason })
const silent: Verdict = { kind: 'silent' }
const pending: Verdict = { kind: 'pending' }

/**
 * Name, Linux number (the same on x86-64 and arm64), meaning for a TCP connect. ICMP errors come as what
 * net/ipv4/icmp.c and net/ipv6/icmp.c make of them: several codes share a number, so an engine that can read the
 * socket's error queue asks that first (icmp-verdict.ts).
 */
const TABLE: readonly (readonly [name: string, linux: number, meaning: Verdict | Remedy])[] = [
  ['ECONNREFUSED', 111, state('closed', 'conn-refused')],
  // The handshake was completed, then the other side took it back: something listens there.
  ['ECONNRESET', 104, state('open', 'conn-accept')],
  ['EPIPE', 32, state('open', 'conn-accept')],
  ['EISCONN', 106, state('open', 'conn-accept')],
  ['ETIMEDOUT', 110, silent],
  ['EHOSTDOWN', 112, state('filtered', 'host-unreach')],
  ['EHOSTUNREACH', 113, state('filtered', 'host-unreach')],
  ['ENONET', 64, state('filtered', 'host-unreach')],
  ['ENETUNREACH', 101, state('filtered', 'net-unreach')],
  ['EACCES', 13, state('filtered', 'admin-prohibited')],
  ['ENOPROTOOPT', 92, state('filtered', 'proto-unreach')],
  ['EPROTO', 71, state('filtered', 'param-problem')],
  ['EINPROGRESS', 115, pending],
  ['EALREADY', 114, pending],
  ['EINTR', 4, pending],
  ['EAGAIN', 11, 'pressure'],
  ['EMFILE', 24, 'pressure'],
  ['ENFILE', 23, 'pressure'],
  ['EADDRNOTAVAIL', 99, 'pressure'],
  ['EADDRINUSE', 98, 'pressure'],
  ['ENOBUFS', 105, 'pressure'],
  ['ENOMEM', 12, 'pressure'],
  ['ENOSPC', 28, 'pressure'],
  ['ENETDOWN', 100, 'link'],
  ['ENETRESET', 102, 'link'],
  ['ECONNABORTED', 103, 'link'],
  ['ENODEV', 19, 'link'],
  ['ENXIO', 6, 'link'],
  // Our own firewall refused to let it out.
  ['EPERM', 1, 'link'],
  ['EMSGSIZE', 90, 'fatal'],
  ['EBADF', 9, 'fatal'],
  ['EFAULT', 14, 'fatal'],
  ['EINVAL', 22, 'fatal'],
  ['ENOTSOCK', 88, 'fatal'],
  ['EDESTADDRREQ', 89, 'fatal'],
  ['EPROTOTYPE', 91, 'fatal'],
  ['EPROTONOSUPPORT', 93, 'fatal'],
  ['EOPNOTSUPP', 95, 'fatal'],
  ['EAFNOSUPPORT', 97, 'fatal'],
  ['ENOTCONN', 107, 'fatal'],
]

const local = (code: string, remedy: Remedy): Verdict => ({ kind: 'local', remedy, code })

const BY_NAME = new Map(
  TABLE.map(([name, , meaning]) => [name, typeof meaning === 'string' ? local(name, meaning) : meaning]),
)
const NAMES = new Map(TABLE.map(([name, linux]) => [linux, name]))
const BY_NUMBER: readonly Verdict[] = Array.from({ length: 134 }, (_, number) => verdictOfName(errnoName(number)))

/**
 * Our own routing table knew no way, or was told to refuse it: the sending call itself failed. The same number arriving
 * later is a router's word about the target.
 */
export const NO_ROUTE: Verdict = local('NO_ROUTE', 'link')

/** How a call that sends reports no route, and routes of the types unreachable, prohibit and blackhole (ip-route(8)). */
const ROUTELESS: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EACCES', 'EINVAL'])

/** What it means that a call could not send. */
export function sendVerdict(errno: number): Verdict {
  return ROUTELESS.has(errnoName(errno)) ? NO_ROUTE : verdictOf(errno)
}

/** The same by the error's name. */
export function sendVerdictOfName(name: string): Verdict {
  return ROUTELESS.has(name) ? NO_ROUTE : verdictOfName(name)
}

/** The meaning of an error by its name, as `node:net` reports it on any system. */
export function verdictOfName(name: string): Verdict {
  return BY_NAME.get(name) ?? local(name, 'fatal')
}

/** The meaning of a Linux error number. */
export function verdictOf(errno: number): Verdict {
  return BY_NUMBER[errno] ?? local(errnoName(errno), 'fatal')
}

/** `ECONNREFUSED` for 111; `errno 999` for what is not in the table. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`
}
