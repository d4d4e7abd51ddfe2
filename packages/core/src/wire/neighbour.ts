/**
 * Asking who has an address on the local link, and reading who says so: ARP (RFC 826) for IPv4, Neighbor Discovery
 * (RFC 4861 sections 4.3 and 4.4) for IPv6. Packets without link-layer header; the kernel adds it.
 *
 *   ARP   hardware 0 | protocol 2 | lengths 4 | operation 6 | sender MAC 8, IP 14 | target MAC 18, IP 24      28 bytes
 *   NS    IPv6 header 40, type 135 40 | code 41 | checksum 42 | reserved 44 | target 48 | option 1: our MAC 64  72 bytes
 *   NA    IPv6 header 40, type 136 40 | code 41 | checksum 42 | flags 44 | target 48 | option 2: its MAC 64
 */
import { checksumOf, sumWords } from './checksum.ts'

const ICMPV6 = 58
const SOLICITATION = 135
const ADVERTISEMENT = 136

/** An ARP request for `target` (4 bytes each, MACs 6). */
export function arpRequest(ownMac: Uint8Array, own: Uint8Array, target: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(28)
  bytes.set([0, 1, 8, 0, 6, 4, 0, 1])
  bytes.set(ownMac, 8)
  bytes.set(own, 14)
  bytes.set(target, 24)
  return bytes
}

/** ff02::1:ffXX:XXXX, the group every owner of `target` listens to (RFC 4291 section 2.7.1), and its Ethernet address. */
export function solicitedNode(target: Uint8Array): { readonly address: Uint8Array; readonly mac: Uint8Array } {
  const [a = 0, b = 0, c = 0] = target.subarray(13)
  const address = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c)
  return { address, mac: Uint8Array.of(0x33, 0x33, 0xff, a, b, c) }
}

/** A neighbour solicitation for `target` (16 bytes each). */
export function neighbourSolicitation(ownMac: Uint8Array, own: Uint8Array, target: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(72)
  // Hop limit 255 proves that no router passed it on.
  bytes.set([0x60, 0, 0, 0, 0, 32, ICMPV6, 255])
  bytes.set(own, 8)
  bytes.set(solicitedNode(target).address, 24)
  bytes[40] = SOLICITATION
  bytes.set(target, 48)
  bytes.set([1, 1], 64)
  bytes.set(ownMac, 66)
  const sum = checksumOf(sumWords(bytes, 8, 72) + 32 + ICMPV6)
  bytes[42] = sum >>> 8
  bytes[43] = sum & 255
  return bytes
}

export interface Neighbour {
  /** 4 or 16 bytes (`to` as well), and 6: copies. */
  readonly address: Uint8Array
  readonly mac: Uint8Array
  /** Whom it is said to: the address that asked. */
  readonly to: Uint8Array
}

/** Reads an ARP packet: its sender, when it is a well-formed one of Ethernet and IPv4. */
export function readArp(bytes: Uint8Array, at: number, length: number): Neighbour | null {
  if (length < 28 || at + length > bytes.length) return null
  const [h0, h1, p0, p1, hardware, protocol, o0, operation] = bytes.subarray(at, at + 8)
  if (h0 !== 0 || h1 !== 1 || p0 !== 8 || p1 !== 0 || hardware !== 6 || protocol !== 4) return null
  if (o0 !== 0 || operation !== 2) return null
  return neighbour(bytes.slice(at + 14, at + 18), bytes.slice(at + 8, at + 14), bytes.slice(at + 24, at + 28))
}

/** Reads an IPv6 packet: who has the advertised address, when it is a neighbour advertisement that says so. */
export function readAdvertisement(bytes: Uint8Array, at: number, length: number): Neighbour | null {
  if (length < 72 || at + length > bytes.length) return null
  if (bytes[at]! >>> 4 !== 6 || bytes[at + 6] !== ICMPV6 || bytes[at + 7] !== 255) return null
  if (bytes[at + 40] !== ADVERTISEMENT || bytes[at + 41] !== 0) return null
  for (let option = at + 64; option + 8 <= at + length; ) {
    const size = bytes[option + 1]! * 8
    if (size === 0) return null
    if (bytes[option] === 2)
      return neighbour(
        bytes.slice(at + 48, at + 64),
        bytes.slice(option + 2, option + 8),
        bytes.slice(at + 24, at + 40),
      )
    option += size
  }
  return null
}

/** Either of the two. */
export function readNeighbour(bytes: Uint8Array, at: number, length: number): Neighbour | null {
  return readArp(bytes, at, length) ?? readAdvertisement(bytes, at, length)
}

/** Group and zero hardware addresses belong to nobody: sending there would reach everyone, or no one. */
function neighbour(address: Uint8Array, mac: Uint8Array, to: Uint8Array): Neighbour | null {
  return (mac[0]! & 1) === 1 || mac.every((byte) => byte === 0) ? null : { address, mac, to }
}
