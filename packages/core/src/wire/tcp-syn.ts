/**
 * TCP SYN packets by the hundred thousand: everything that does not change is laid out and summed once, per probe only
 * addresses, ports, numbers and two checksums are written.
 *
 *   IPv4 (RFC 791)   version/ihl 0 | tos 1 | length 2 | id 4 | flags 6 | ttl 8 | proto 9 | checksum 10 | src 12 | dst 16
 *   IPv6 (RFC 8200)  version/class/flow 0 | payload length 4 | next 6 | hops 7 | src 8 | dst 24
 *   TCP  (RFC 9293)  sport 0 | dport 2 | seq 4 | ack 8 | offset 12 | flags 13 | window 14 | checksum 16 | urgent 18
 *   options          MSS 20 | SACK permitted 24 | timestamps 26 (value 28, echo 32) | NOP 36 | window scale 37
 *
 * Options, their order, window, TTL and DF are those of a Linux client: middleboxes drop bare SYNs (IMC 2024, "Ten
 * Years of ZMap"), and hosts answer what looks like a client.
 */
import { checksumOf, sumWords } from './checksum.ts'

const TCP_LENGTH = 40
const IPV4_LENGTH = 20
const IPV6_LENGTH = 40
const PROTOCOL_TCP = 6
const HOP_LIMIT = 64
const WINDOW = 64_240
const WINDOW_SCALE = 7

/** What differs from probe to probe. Mutable: one is filled again and again. */
export interface SynFields {
  /** The target: unsigned 32-bit for IPv4, 16 bytes for IPv6. */
  v4: number
  readonly v6: Uint8Array
  sourcePort: number
  port: number
  sequence: number
  /** Timestamp value (RFC 7323): milliseconds with a per-connection offset, as Linux does. */
  timestamp: number
  /** IP identification, or flow label. */
  id: number
}

export class SynTemplate {
  readonly family: 4 | 6
  /** Bytes of the packet, from the IP header on. */
  readonly bytes: Uint8Array
  readonly #ipSum: number
  readonly #tcpSum: number

  /** `source`: 4 or 16 bytes. `mtu` of the way out, for the MSS option. */
  constructor(source: Uint8Array, mtu: number) {
    this.family = source.length === 4 ? 4 : 6
    const header = this.family === 4 ? IPV4_LENGTH : IPV6_LENGTH
    this.bytes = new Uint8Array(header + TCP_LENGTH)
    if (this.family === 4) putIPv4(this.bytes, source)
    else putIPv6(this.bytes, source)
    putTcp(this.bytes, header, Math.min(65_495, Math.max(536, mtu - header - 20)))
    this.#ipSum = this.family === 4 ? sumWords(this.bytes, 0, IPV4_LENGTH) : 0
    this.#tcpSum =
      sumWords(source, 0, source.length) + PROTOCOL_TCP + TCP_LENGTH + sumWords(this.bytes, header, header + TCP_LENGTH)
  }

  /** Copies the constant part to `out` at `at`. */
  lay(out: Uint8Array, at: number): void {
    out.set(this.bytes, at)
  }

  /** Completes a packet laid at `at`; it may have been completed before, for another probe. */
  complete(out: Uint8Array, at: number, fields: SynFields): void {
    if (this.family === 4) this.#complete4(out, at, fields)
    else this.#complete6(out, at, fields)
  }

  #complete4(out: Uint8Array, at: number, fields: SynFields): void {
    const { v4, id } = fields
    const destination = (v4 >>> 16) + (v4 & 0xffff)
    put16(out, at + 4, id)
    put16(out, at + 10, checksumOf(this.#ipSum + destination + (id & 0xffff)))
    put32(out, at + 16, v4)
    this.#completeTcp(out, at + IPV4_LENGTH, fields, destination)
  }

  #complete6(out: Uint8Array, at: number, fields: SynFields): void {
    const { v6, id } = fields
    out[at + 1] = (id >>> 16) & 0x0f
    put16(out, at + 2, id)
    for (let i = 0; i < 16; i++) out[at + 24 + i] = v6[i]!
    this.#completeTcp(out, at + IPV6_LENGTH, fields, sumWords(v6, 0, 16))
  }

  #completeTcp(out: Uint8Array, at: number, fields: SynFields, destination: number): void {
    const { sourcePort, port, sequence, timestamp } = fields
    put16(out, at, sourcePort)
    put16(out, at + 2, port)
    put32(out, at + 4, sequence)
    put32(out, at + 28, timestamp)
    const numbers = (sequence >>> 16) + (sequence & 0xffff) + (timestamp >>> 16) + (timestamp & 0xffff)
    put16(out, at + 16, checksumOf(this.#tcpSum + destination + sourcePort + port + numbers))
  }
}

function putIPv4(bytes: Uint8Array, source: Uint8Array): void {
  bytes[0] = 0x45
  put16(bytes, 2, bytes.length)
  // Don't Fragment
  bytes[6] = 0x40
  bytes[8] = HOP_LIMIT
  bytes[9] = PROTOCOL_TCP
  bytes.set(source, 12)
}

function putIPv6(bytes: Uint8Array, source: Uint8Array): void {
  bytes[0] = 0x60
  put16(bytes, 4, TCP_LENGTH)
  bytes[6] = PROTOCOL_TCP
  bytes[7] = HOP_LIMIT
  bytes.set(source, 8)
}

function putTcp(bytes: Uint8Array, at: number, mss: number): void {
  bytes[at + 12] = (TCP_LENGTH / 4) << 4
  // SYN
  bytes[at + 13] = 0x02
  put16(bytes, at + 14, WINDOW)
  // MSS, SACK permitted, timestamps, NOP, window scale
  bytes.set([2, 4, mss >>> 8, mss & 255, 4, 2, 8, 10], at + 20)
  bytes.set([1, 3, 3, WINDOW_SCALE], at + 36)
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
