/**
 * NTLM over any protocol ([MS-NLMP] section 2.2): the server's challenge names the machine, its domain and the build
 * of its Windows before anybody logs in.
 *
 *   negotiate = "NTLMSSP\0" 1(4) flags(4) domain-fields(8) workstation-fields(8) version(8)
 *   challenge = "NTLMSSP\0" 2(4) target-name-fields(8) flags(4) challenge(8) reserved(8) target-info-fields(8) version(8)
 *   fields    = length(2) allocated(2) offset(4)                       little-endian, offset from the signature
 *   av-pair   = id(2) length(2) value                                  until id 0
 *   version   = major(1) minor(1) build(2) reserved(3) revision(1)
 */
import { orNull, Reader } from './reader.ts'
import { Writer } from './writer.ts'

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1')
/** Unicode, OEM, request target, NTLM, always sign, extended session security, version, 128 bit, 56 bit. */
const FLAGS = 0xa2088207
const FLAG_VERSION = 0x02000000
const FLAG_ANONYMOUS = 0x800
/** Names are at most 255 characters; a longer value is not one. */
const VALUE_CAP = 1024

export interface NtlmChallenge {
  readonly targetName: string | null
  /** `10.0.17763`, or null when the server does not tell. */
  readonly build: string | null
  readonly netbiosComputer: string | null
  readonly netbiosDomain: string | null
  readonly dnsComputer: string | null
  readonly dnsDomain: string | null
  readonly dnsForest: string | null
  /** The server's clock, ISO 8601 UTC. */
  readonly time: string | null
}

/** The first message of the exchange, asking for everything and naming nobody. */
export function ntlmNegotiate(): Uint8Array {
  const writer = new Writer().bytes(SIGNATURE).u32le(1).u32le(FLAGS).zeros(16)
  return writer.u8(10).u8(0).u16le(19041).zeros(3).u8(15).finish()
}

/** The third message without a name or a secret: the anonymous logon ([MS-NLMP] section 3.2.5.1.2). */
export function ntlmAnonymous(): Uint8Array {
  const writer = new Writer().bytes(SIGNATURE).u32le(3)
  const end = 72
  // LM response of one zero byte, all other fields empty: response, domain, user, workstation, session key.
  writer.u16le(1).u16le(1).u32le(end)
  for (let field = 0; field < 5; field++) writer.u32le(0).u32le(end)
  return writer
    .u32le(FLAGS | FLAG_ANONYMOUS)
    .u8(10)
    .u8(0)
    .u16le(19041)
    .zeros(3)
    .u8(15)
    .u8(0)
    .finish()
}

/** The first NTLM challenge anywhere in `bytes` (SPNEGO, CredSSP and TDS wrap it in different ways). */
export function findNtlmChallenge(bytes: Uint8Array): NtlmChallenge | null {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(SIGNATURE)
  if (at < 0) return null
  const message = bytes.subarray(at)
  return orNull(() => {
    const reader = new Reader(message, SIGNATURE.length)
    if (reader.u32le() !== 2) return null
    const targetName = readField(reader, message)
    const flags = reader.u32le()
    reader.skip(16)
    const info = readField(reader, message)
    const values = readPairs(info)
    const build = flags & FLAG_VERSION ? readVersion(reader) : null
    const text = (id: number) => utf16(values.get(id))
    return {
      targetName: utf16(targetName),
      build,
      netbiosComputer: text(1),
      netbiosDomain: text(2),
      dnsComputer: text(3),
      dnsDomain: text(4),
      dnsForest: text(5),
      time: fileTime(values.get(7)),
    }
  })
}

function readField(reader: Reader, message: Uint8Array): Uint8Array {
  const length = reader.u16le()
  reader.skip(2)
  const offset = reader.u32le()
  return length === 0 ? new Uint8Array() : new Reader(message, Math.min(offset, message.length)).take(length, 4096)
}

function readPairs(info: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const pairs = new Map<number, Uint8Array>()
  const reader = new Reader(info)
  while (reader.remaining >= 4 && pairs.size < 16) {
    const id = reader.u16le()
    const value = reader.take(reader.u16le(), VALUE_CAP)
    if (id === 0) break
    pairs.set(id, value)
  }
  return pairs
}

function readVersion(reader: Reader): string | null {
  const [major, minor, build] = [reader.u8(), reader.u8(), reader.u16le()]
  return major === 0 ? null : `${major}.${minor}.${build}`
}

function utf16(value: Uint8Array | undefined): string | null {
  return value && value.length > 1 ? Buffer.from(value).toString('utf16le') : null
}

/** 100-nanosecond ticks since 1601, little-endian. */
function fileTime(value: Uint8Array | undefined): string | null {
  if (value?.length !== 8) return null
  const milliseconds = Number(new Reader(value).u64le() / 10_000n) - 11_644_473_600_000
  return Math.abs(milliseconds) < 8.64e15 ? new Date(milliseconds).toISOString() : null
}
