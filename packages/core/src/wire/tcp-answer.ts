/**
 * Reads what comes back to a SYN: a TCP segment, or an ICMP error that quotes the SYN. Works on a packet inside a larger
 * buffer, fills a reused record, allocates nothing and never throws: it runs for every packet a stranger sends.
 *
 *   TCP    SYN+ACK: somebody listens    RST+ACK: nobody does    anything else is not an answer
 *   ICMP   type, code, checksum, 4 unused, then the IP header and at least 8 bytes of the SYN it is about
 */

export interface TcpAnswer {
  kind: 'syn-ack' | 'reset' | 'unreachable'
  family: 4 | 6
  /** The probed endpoint, also where an ICMP error comes from somebody else. */
  v4: number
  readonly v6: Uint8Array
  port: number
  /** Our source port. */
  ownPort: number
  /** The sequence number our SYN must have had. */
  sequence: number
  /** ICMP only: what it says, and who says so. */
  icmpType: number
  icmpCode: number
  fromV4: number
  readonly fromV6: Uint8Array
}

export function emptyAnswer(): TcpAnswer {
  return {
    kind: 'reset',
    family: 4,
    v4: 0,
    v6: new Uint8Array(16),
    port: 0,
    ownPort: 0,
    sequence: 0,
    icmpType: 0,
    icmpCode: 0,
    fromV4: 0,
    fromV6: new Uint8Array(16),
  }
}

const TCP = 6
const ICMP = 1
const ICMPV6 = 58
const SYN = 0x02
const RST = 0x04
const ACK = 0x10

/** Reads the IP packet in bytes [at, at + length). False when it is no answer to a SYN; `out` is undefined then. */
export function readAnswer(bytes: Uint8Array, at: number, length: number, out: TcpAnswer): boolean {
  if (length < 20 || at < 0 || at + length > bytes.length) return false
  const version = bytes[at]! >>> 4
  return version === 4 ? read4(bytes, at, at + length, out) : version === 6 && read6(bytes, at, at + length, out)
}

function read4(bytes: Uint8Array, at: number, end: number, out: TcpAnswer): boolean {
  const header = (bytes[at]! & 15) * 4
  // A fragment other than the first has no ports; the first of several is nothing a SYN is answered with.
  if (header < 20 || (u16(bytes, at + 6) & 0x3fff) !== 0) return false
  const body = at + header
  out.family = 4
  if (bytes[at + 9] === TCP) {
    out.v4 = u32(bytes, at + 12)
    return readTcp(bytes, body, end, out)
  }
  if (bytes[at + 9] !== ICMP || body + 8 + 28 > end) return false
  const quoted = body + 8
  if (!isError(4, bytes[body]!) || bytes[quoted] !== 0x45 || bytes[quoted + 9] !== TCP) return false
  out.icmpType = bytes[body]!
  out.icmpCode = bytes[body + 1]!
  out.fromV4 = u32(bytes, at + 12)
  out.v4 = u32(bytes, quoted + 16)
  return readQuoted(bytes, quoted + 20, out)
}

/** Extension headers are not followed: no host puts them before the answer to a SYN. */
function read6(bytes: Uint8Array, at: number, end: number, out: TcpAnswer): boolean {
  const body = at + 40
  if (body > end) return false
  out.family = 6
  out.v4 = 0
  if (bytes[at + 6] === TCP) {
    copy16(bytes, at + 8, out.v6)
    return readTcp(bytes, body, end, out)
  }
  if (bytes[at + 6] !== ICMPV6 || body + 8 + 48 > end) return false
  const quoted = body + 8
  if (!isError(6, bytes[body]!) || bytes[quoted]! >>> 4 !== 6 || bytes[quoted + 6] !== TCP) return false
  out.icmpType = bytes[body]!
  out.icmpCode = bytes[body + 1]!
  copy16(bytes, at + 8, out.fromV6)
  copy16(bytes, quoted + 24, out.v6)
  return readQuoted(bytes, quoted + 40, out)
}

/** Unreachable, time exceeded, parameter problem: RFC 792, RFC 4443. */
function isError(family: 4 | 6, type: number): boolean {
  return family === 4 ? type === 3 || type === 11 || type === 12 : type === 1 || type === 3 || type === 4
}

function readTcp(bytes: Uint8Array, at: number, end: number, out: TcpAnswer): boolean {
  if (at + 20 > end) return false
  const flags = bytes[at + 13]! & (SYN | RST | ACK)
  if (flags === (SYN | ACK)) out.kind = 'syn-ack'
  else if (flags === (RST | ACK)) out.kind = 'reset'
  else return false
  out.port = u16(bytes, at)
  out.ownPort = u16(bytes, at + 2)
  // RFC 9293 section 3.10.7: both acknowledge our sequence number plus one.
  out.sequence = (u32(bytes, at + 8) - 1) >>> 0
  return true
}

/** The first 8 bytes of our own SYN: ports and sequence number. */
function readQuoted(bytes: Uint8Array, at: number, out: TcpAnswer): boolean {
  out.kind = 'unreachable'
  out.ownPort = u16(bytes, at)
  out.port = u16(bytes, at + 2)
  out.sequence = u32(bytes, at + 4)
  return true
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function copy16(bytes: Uint8Array, at: number, out: Uint8Array): void {
  for (let i = 0; i < 16; i++) out[i] = bytes[at + i]!
}
