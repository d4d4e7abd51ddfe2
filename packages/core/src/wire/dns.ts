/**
 * DNS messages (RFC 1035 section 4), as DNS, mDNS (RFC 6762), LLMNR (RFC 4795) and NetBIOS name service use them.
 *
 *   message  = id(2) flags(2) questions(2) answers(2) authority(2) additional(2) question* record*
 *   question = name type(2) class(2)
 *   record   = name type(2) class(2) ttl(4) length(2) data
 *   name     = (label-length(1) label)* (0 | pointer(2), top bits 11)
 */
import { latin1, orNull, Reader, Truncated } from './reader.ts'
import { Writer } from './writer.ts'

export const DNS_TYPE = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  ptr: 12,
  hinfo: 13,
  txt: 16,
  aaaa: 28,
  srv: 33,
  opt: 41,
} as const
export const DNS_CLASS = { in: 1, chaos: 3 } as const
export const DNS_RCODE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const

/** A 512-byte reply holds some 40; longer lists tell us nothing new. */
const RECORDS_CAP = 128
/** RFC 1035 section 2.3.4: 255 bytes of name. */
const NAME_CAP = 255

export interface DnsQuestion {
  readonly name: string
  readonly type: number
  readonly class: number
}

export interface DnsRecord extends DnsQuestion {
  readonly ttl: number
  readonly data: Uint8Array
  /** The name inside the data of NS, CNAME, PTR, SOA and SRV records. */
  readonly target: string | null
}

export interface DnsMessage {
  readonly id: number
  readonly response: boolean
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionAvailable: boolean
  readonly rcode: number
  readonly questions: readonly DnsQuestion[]
  readonly answers: readonly DnsRecord[]
  readonly authority: readonly DnsRecord[]
  readonly additional: readonly DnsRecord[]
  /** Bytes left after the last record. */
  readonly trailing: number
}

/** One question. `flags` is the whole second word (0x0100: recursion desired). */
export function dnsQuery(id: number, question: DnsQuestion, flags = 0): Uint8Array {
  const writer = new Writer().u16(id).u16(flags).u16(1).zeros(6)
  return writer.bytes(dnsName(question.name)).u16(question.type).u16(question.class).finish()
}

/** A name in wire form, uncompressed. Labels over 63 bytes are cut: callers write names of their own only. */
export function dnsName(name: string): Uint8Array {
  const writer = new Writer()
  for (const label of name.split('.').filter(Boolean)) writer.u8(Math.min(63, label.length)).latin1(label.slice(0, 63))
  return writer.u8(0).finish()
}

/** A whole message, or null when it is cut short or breaks the grammar. */
export function parseDns(bytes: Uint8Array): DnsMessage | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const id = reader.u16()
    const flags = reader.u16()
    const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const
    if (counts.some((count) => count > RECORDS_CAP)) return null
    const records = (count: number) => Array.from({ length: count }, () => readRecord(reader))
    return {
      id,
      response: flags >= 0x8000,
      opcode: (flags >> 11) & 15,
      authoritative: (flags & 0x0400) !== 0,
      truncated: (flags & 0x0200) !== 0,
      recursionAvailable: (flags & 0x0080) !== 0,
      rcode: flags & 15,
      questions: Array.from({ length: counts[0] }, () => readQuestion(reader)),
      answers: records(counts[1]),
      authority: records(counts[2]),
      additional: records(counts[3]),
      trailing: reader.remaining,
    }
  })
}

/** The character-strings of a TXT or HINFO record. */
export function dnsStrings(data: Uint8Array): readonly string[] {
  const strings: string[] = []
  for (let at = 0; at < data.length; at += 1 + data[at]!)
    strings.push(latin1(data.subarray(at + 1, at + 1 + data[at]!)))
  return strings
}

function readQuestion(reader: Reader): DnsQuestion {
  return { name: readName(reader), type: reader.u16(), class: reader.u16() }
}

function readRecord(reader: Reader): DnsRecord {
  const question = readQuestion(reader)
  const ttl = reader.u32()
  const length = reader.u16()
  const start = reader.position
  const data = reader.take(length)
  const nameAt = NAME_OFFSET[question.type]
  if (nameAt === undefined || length <= nameAt) return { ...question, ttl, data, target: null }
  const inner = new Reader(reader.bytes, start + nameAt)
  return { ...question, ttl, data, target: readName(inner) }
}

/** Where a name starts inside the data of the types that carry one. */
const NAME_OFFSET: Readonly<Record<number, number>> = {
  [DNS_TYPE.ns]: 0,
  [DNS_TYPE.cname]: 0,
  [DNS_TYPE.soa]: 0,
  [DNS_TYPE.ptr]: 0,
  [DNS_TYPE.srv]: 6,
}

/** A pointer must lead backwards (RFC 1035 section 4.1.4: "a prior occurrence"), so this always ends. */
function readName(reader: Reader): string {
  const labels: string[] = []
  let total = 0
  let cursor = reader
  let limit = reader.position
  for (;;) {
    const length = cursor.u8()
    if (length === 0) break
    if (length >= 0xc0) {
      const target = (length & 0x3f) * 256 + cursor.u8()
      if (target >= limit) throw new Truncated('pointer forwards')
      limit = target
      cursor = new Reader(reader.bytes, target)
      continue
    }
    total += length + 1
    if (length > 63 || total > NAME_CAP) throw new Truncated('name too long')
    labels.push(cursor.latin1(length))
  }
  return labels.join('.')
}
