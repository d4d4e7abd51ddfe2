/**
 * SNMP v1 (RFC 1157), v2c (RFC 1901) and v3 (RFC 3412), in BER:
 *
 *   v1, v2c => SEQUENCE { version(0|1), community, PDU }
 *   v3      => SEQUENCE { 3, SEQUENCE { id, size, flags, model }, security, SEQUENCE { engine, context, PDU } }
 *   security = OCTETS { SEQUENCE { engine id, boots, time, user, authentication, privacy } }      RFC 3414 section 2.4
 *   PDU      = [2 response | 8 report] { request id, error status, error index, SEQUENCE OF { name, value } }
 *
 * Three questions at once: v3 discovery, which needs no name, and the system group of community "public" in v2c and v1.
 */
import { snmp as question } from '#core/probe/udp/snmp.ts'
import {
  BER,
  berInteger,
  berOid,
  expectTlv,
  members,
  readTlv,
  type Tlv,
  tlv,
  tlvInteger,
  tlvOid,
  tlvText,
} from '#core/wire/ber.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { parseEngineId } from '../snmp-engine.ts'
import { snmpSystem } from '../snmp-system.ts'
import { clean, cleanOrNull } from '../text.ts'

const SYSTEM = '1.3.6.1.2.1.1'
const [DESCRIPTION, OBJECT_ID, NAME] = [`${SYSTEM}.1.0`, `${SYSTEM}.2.0`, `${SYSTEM}.5.0`]
/** versionTag of UCD-SNMP-MIB: the agent's own version. */
const VERSION_TAG = '1.3.6.1.4.1.2021.100.2.0'
const [GET, RESPONSE, REPORT] = [0xa0, 0xa2, 0xa8]
/** One answer for each version, and as many strays. */
const ANSWERS = 6

export const snmp: Protocol = { name: 'snmp', transport: 'udp', ports: [161], opens: 'client', recognise, identify }

export interface SnmpMessage {
  readonly version: 1 | 2 | 3
  readonly engine: Uint8Array | null
  readonly boots: number | null
  readonly values: ReadonlyMap<string, string>
}

function recognise(bytes: Uint8Array): Service | null {
  const message = parseSnmp(bytes)
  return message ? describe([message]) : null
}

async function identify(session: Session): Promise<Service | null> {
  const id = session.token & 0x7fffffff
  // A v1 agent refuses the whole request for one name it lacks, so versionTag is asked of v2c alone.
  await session.write(question.datagram(session.token))
  await session.write(getRequest(1, id, [DESCRIPTION, OBJECT_ID, NAME, VERSION_TAG]))
  await session.write(getRequest(0, id, [DESCRIPTION, OBJECT_ID, NAME]))
  const messages: SnmpMessage[] = []
  for (let i = 0; i < ANSWERS && new Set(messages.map((message) => message.version)).size < 3; i++) {
    const reply = await attempt(() => session.read())
    if (reply === null) break
    const message = parseSnmp(reply)
    if (message) messages.push(message)
  }
  return messages.length > 0 ? describe(messages) : null
}

function getRequest(version: number, id: number, names: readonly string[]): Uint8Array {
  const bindings = names.map((name) => tlv(BER.sequence, tlvOid(name), tlv(BER.null)))
  const pdu = tlv(GET, tlvInteger(id), tlvInteger(0), tlvInteger(0), tlv(BER.sequence, ...bindings))
  return tlv(BER.sequence, tlvInteger(version), tlvText('public'), pdu)
}

function describe(messages: readonly SnmpMessage[]): Service {
  const values = new Map(messages.flatMap((message) => [...message.values]))
  const v3 = messages.find((message) => message.engine !== null)
  const engine = parseEngineId(v3?.engine ?? new Uint8Array())
  const [description = null, objectId = null] = [values.get(DESCRIPTION), values.get(OBJECT_ID)]
  const versions = [...new Set(messages.map((message) => message.version))].sort()
  const facts = {
    versions: versions.map((version) => (version === 2 ? 'v2c' : `v${version}`)),
    public: values.size > 0,
    ...(v3?.engine ? { engineId: Buffer.from(v3.engine).toString('hex'), engineBoots: v3.boots } : {}),
    ...(engine.detail ? { engineAddress: engine.detail } : {}),
    ...(description ? { sysDescr: clean(description) } : {}),
    ...(objectId ? { sysObjectID: objectId } : {}),
  }
  const known = snmpSystem({ description, objectId, enterprise: engine.enterprise }, values.get(VERSION_TAG) ?? null)
  return service('snmp', { ...known, hostname: cleanOrNull(values.get(NAME)), facts })
}

/** A response or report of any version, or null. */
export function parseSnmp(bytes: Uint8Array): SnmpMessage | null {
  return orNull(() => {
    const reader = new Reader(expectTlv(new Reader(bytes), BER.sequence))
    const version = berInteger(expectTlv(reader, BER.integer))
    if (version === 3) return parseV3(reader)
    if (version !== 0 && version !== 1) return null
    expectTlv(reader, BER.octets)
    const pdu = readTlv(reader)
    const values = pdu.tag === RESPONSE ? readBindings(pdu) : null
    return values && { version: version === 0 ? 1 : 2, engine: null, boots: null, values }
  })
}

function parseV3(reader: Reader): SnmpMessage | null {
  if (members(expectTlv(reader, BER.sequence)).length !== 4) return null
  const security = new Reader(expectTlv(new Reader(expectTlv(reader, BER.octets)), BER.sequence))
  const engine = expectTlv(security, BER.octets)
  const boots = berInteger(expectTlv(security, BER.integer))
  const pdu = members(expectTlv(reader, BER.sequence))[2]
  if (engine.length > 32 || (pdu?.tag !== REPORT && pdu?.tag !== RESPONSE)) return null
  return { version: 3, engine, boots, values: new Map() }
}

/** Names and values; exceptions (noSuchObject and the like) are left out, object identifiers written dotted. */
function readBindings(pdu: Tlv): ReadonlyMap<string, string> {
  const [, , , list] = members(pdu.content)
  const values = new Map<string, string>()
  for (const binding of members(list?.content ?? new Uint8Array())) {
    const [name, value] = members(binding.content)
    if (name?.tag !== BER.oid || !value) continue
    if (value.tag === BER.octets) values.set(berOid(name.content), Buffer.from(value.content).toString('latin1'))
    if (value.tag === BER.oid) values.set(berOid(name.content), berOid(value.content))
  }
  return values
}
