/**
 * NTP (RFC 5905 section 7.3, 48 bytes) and its control messages (RFC 9327, mode 6):
 *
 *   server  = leap(2 bits) version(3) mode(3)=4 stratum(1) poll(1) precision(1) root-delay(4) root-dispersion(4)
 *             reference-id(4) reference(8) origin(8) receive(8) transmit(8)      origin echoes our transmit time
 *   control = leap(2) version(3) mode(3)=6 | response(1) error(1) more(1) operation(5) | sequence(2) status(2)
 *             association(2) offset(2) count(2) data      operation 2: read variables, `name="value", ...`
 *
 * The version stands in the variables, which many servers keep to themselves; the time alone proves the protocol.
 */
import { ntp as question } from '#core/probe/udp/ntp.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { ask, attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import { createMatcher } from '../fingerprint.ts'
import { NTP_SYSTEMS, NTP_VERSIONS } from '../fingerprints/ntp-variables.data.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [SERVER, CONTROL, READ_VARIABLES] = [4, 6, 2]
const matchVersion = createMatcher(NTP_VERSIONS)
const matchSystem = createMatcher(NTP_SYSTEMS)
/** More variables than any daemon has. */
const VARIABLES_CAP = 64

export const ntp: Protocol = { name: 'ntp', transport: 'udp', ports: [123], opens: 'client', recognise, identify }

export interface NtpReply {
  readonly version: number
  readonly stratum: number
  readonly referenceId: string
}

function recognise(bytes: Uint8Array): Service | null {
  const variables = parseNtpVariables(bytes)
  if (variables) return describe(null, variables)
  const reply = parseNtp(bytes)
  if (reply) return describe(reply, new Map())
  return isPrivateReply(bytes) ? service('ntp', { product: 'NTP', vendor: 'NTP Project', confidence: 0.9 }) : null
}

/**
 * Mode 7, the reference implementation's own (`monlist` and others), not standardised:
 *
 *   private = response(1)=1 more(1) version(3) mode(3)=7 | auth(1) sequence(7) | implementation(1) request(1)
 *             error(4 bits) count(12 bits) | zero(4 bits) size(12 bits) | count x size bytes
 */
function isPrivateReply(bytes: Uint8Array): boolean {
  const [first = 0, , implementation = 0, request = 0, c1 = 0, c2 = 0, s1 = 0, s2 = 0] = bytes
  const [count, size] = [((c1 & 15) << 8) | c2, ((s1 & 15) << 8) | s2]
  const isReply = (first & 0x87) === 0x87 && [2, 3].includes(implementation) && request <= 46
  return isReply && s1 >> 4 === 0 && bytes.length >= 8 && bytes.length - 8 === count * size
}

async function identify(session: Session): Promise<Service | null> {
  const answer = await attempt(() => ask(session, question))
  const sequence = session.token & 0xffff
  const request = new Writer().u8(0x16).u8(READ_VARIABLES).u16(sequence).zeros(8).finish()
  const variables = await attempt(async () => {
    await session.write(request)
    const bytes = await session.read()
    return orNull(() => new Reader(bytes, 2).u16()) === sequence ? parseNtpVariables(bytes) : null
  })
  const reply = answer && parseNtp(answer)
  return reply || variables ? describe(reply, variables ?? new Map()) : null
}

function describe(reply: NtpReply | null, variables: ReadonlyMap<string, string>): Service {
  const daemon = variables.get('version') ?? variables.get('daemon_version') ?? ''
  const facts = {
    ...(reply ? { protocol: reply.version, stratum: reply.stratum, reference: reply.referenceId } : {}),
    ...(variables.size > 0 ? { variables: Object.fromEntries([...variables].slice(0, 20)) } : {}),
  }
  const [system, software] = [ntpSystem(variables), ntpSoftware(daemon)]
  const os = operatingSystem(variables.get('system') ?? '')
  return service('ntp', {
    ...system,
    ...software,
    cpe: [...new Set([...(software.cpe ?? system.cpe ?? []), ...(os?.cpe ?? [])])],
    info: reply ? `NTPv${reply.version}` : null,
    facts,
  })
}

/** `Linux/3.10.0`, `Linux2.4.18`, `cisco`, `JUNOS9.1R2.10`, `VMkernel/5.5.0`, `UNIX`. */
export function ntpSystem(variables: ReadonlyMap<string, string>): Partial<Service> {
  const system = variables.get('system') ?? ''
  const appliance = matchSystem(system)
  if (appliance !== null) return appliance
  const known = operatingSystem(system)
  const [, name = ''] = /^([A-Za-z][A-Za-z -]{0,30})/.exec(system) ?? []
  // Only the reference implementation tells the processor.
  const product = variables.has('processor')
    ? { product: 'NTP', vendor: 'NTP Project', cpe: [cpe('a', 'ntp', 'ntp')] }
    : {}
  return { ...product, os: known?.name ?? (name || null) }
}

/** `ntpd ntpsec-1.2.2`, `ntpd 4.2.8p15@1.3728-o Wed ...`, `xntpd 3-5.93e`. */
export function ntpSoftware(text: string): Partial<Service> {
  return matchVersion(text) ?? {}
}

/** A server's answer; only what the fields may hold passes, since there is no magic. */
export function parseNtp(bytes: Uint8Array): NtpReply | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const first = reader.u8()
    const version = (first >> 3) & 7
    const stratum = reader.u8()
    // Extension fields and authenticators make it longer, in steps of four bytes (RFC 5905 section 7.5).
    if ((first & 7) !== SERVER || version < 1 || version > 4 || stratum > 16 || bytes.length % 4 || bytes.length > 128)
      return null
    const [poll, precision] = [reader.u8(), reader.u8()]
    // Poll is 0..17 (log2 seconds); precision a fraction of a second: -6 (a tick of 60 Hz) down to -30.
    if (poll > 17 || (precision !== 0 && (precision < 0xe0 || precision > 0xff))) return null
    reader.skip(8)
    const id = reader.take(4)
    reader.seek(40)
    if (reader.u64() === 0n) return null
    const isText = stratum < 2 && id.every((byte) => byte === 0 || (byte > 32 && byte < 127))
    return { version, stratum, referenceId: isText ? latin1(id).replace(/\0+$/, '') : id.join('.') }
  })
}

/** The variables of a control response. */
export function parseNtpVariables(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const mode = reader.u8()
    const operation = reader.u8()
    if ((mode & 7) !== CONTROL || ((mode >> 3) & 7) < 1 || (operation & 0xdf) !== (0x80 | READ_VARIABLES)) return null
    reader.skip(8)
    const text = latin1(reader.take(reader.u16(), 512))
    if (!/^[\w.]+=/.test(text)) return null
    const pairs = [...text.matchAll(/([\w.]{1,40})=(?:"([^"]{0,200})"|([^,"\r\n]{0,100}))/g)].slice(0, VARIABLES_CAP)
    return new Map(pairs.map(([, name = '', quoted, bare]) => [name, clean(quoted ?? bare ?? '')]))
  })
}
