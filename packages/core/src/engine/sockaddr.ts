/**
 * Socket addresses as the kernel lays them out on Linux.
 *
 *   sockaddr_in   family u16 host order | port u16 | address 4 | zero 8                          16 bytes
 *   sockaddr_in6  family u16 host order | port u16 | flowinfo u32 | address 16 | scope u32 host  28 bytes
 */
import { type Address, addressToBytes, formatIPv4, formatIPv6Bytes } from '#core/target/address.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'

export const AF_UNSPEC = 0
export const AF_INET = 2
export const AF_INET6 = 10
export const SOCKADDR_IN = 16
export const SOCKADDR_IN6 = 28

/** Writes the address of `target` at `offset` and returns its length. `scope` is the interface index a link-local address needs. */
export function putSockaddr(view: DataView, offset: number, target: Readonly<ProbeTarget>, scope = 0): number {
  view.setUint16(offset + 2, target.port)
  if (target.family === 4) {
    view.setUint16(offset, AF_INET, true)
    view.setUint32(offset + 4, target.v4)
    return SOCKADDR_IN
  }
  view.setUint16(offset, AF_INET6, true)
  view.setUint32(offset + 4, 0)
  for (let i = 0; i < 16; i++) view.setUint8(offset + 8 + i, target.v6[i] ?? 0)
  view.setUint32(offset + 24, scope, true)
  return SOCKADDR_IN6
}

/** Reads a socket address into `out` (`out.host` is left alone). False when it is of no family we know. */
export function getSockaddr(view: DataView, offset: number, out: ProbeTarget): boolean {
  const family = view.getUint16(offset, true)
  out.port = view.getUint16(offset + 2)
  if (family === AF_INET) {
    out.family = 4
    out.v4 = view.getUint32(offset + 4)
    return true
  }
  if (family !== AF_INET6) return false
  out.family = 6
  out.v4 = 0
  for (let i = 0; i < 16; i++) out.v6[i] = view.getUint8(offset + 8 + i)
  return true
}

/** An address as the engines hold it. */
export function toTarget(address: Address, port = 0): ProbeTarget {
  const v6 = address.family === 6 ? addressToBytes(address) : new Uint8Array(16)
  return { family: address.family, v4: address.family === 4 ? address.value : 0, v6, port, host: 0 }
}

/** Canonical text of the target's address. */
export function formatTarget(target: Readonly<ProbeTarget>): string {
  return target.family === 4 ? formatIPv4(target.v4) : formatIPv6Bytes(target.v6)
}

export function sameAddress(a: Readonly<ProbeTarget>, b: Readonly<ProbeTarget>): boolean {
  if (a.family !== b.family) return false
  return a.family === 4 ? a.v4 === b.v4 : a.v6.every((byte, i) => byte === b.v6[i])
}
