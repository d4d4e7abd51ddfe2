/**
 * BACnet/IP (ASHRAE 135, annex J, clauses 6, 15.5 and 20.2):
 *
 *   packet   = 0x81 function(1) length(2) network apdu
 *   network  = 1(1) control(1) [addresses]
 *   complex acknowledgement = 0x30 invoke(1) 12(1) [0] object [1] property [3] { value }
 *   error    = 0x50 invoke(1) 12(1) class code;  reject 0x60, abort 0x70: invoke(1) reason(1)
 *
 * The device of the wildcard instance 4194303 is whoever is asked; its properties name it.
 */
import { bacnet as question } from '#core/probe/udp/building-automation.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { ask, attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [BACNET_IP, NETWORK_VERSION, READ_PROPERTY] = [0x81, 1, 12]
const [COMPLEX_ACK, ERROR, REJECT, ABORT] = [3, 5, 6, 7]
const [VENDOR_NAME, MODEL_NAME, FIRMWARE, SOFTWARE, OBJECT_NAME] = [121, 70, 44, 12, 77]
/** Destination and source addresses in the control byte. */
const [WITH_DESTINATION, WITH_SOURCE, NETWORK_MESSAGE] = [0x20, 0x08, 0x80]
const CHARACTER_STRING = 7

export const bacnet: Protocol = {
  name: 'bacnet',
  transport: 'udp',
  ports: [47808],
  opens: 'client',
  recognise,
  identify,
}

interface Apdu {
  readonly kind: number
  readonly property: number | null
  readonly text: string | null
}

function recognise(bytes: Uint8Array): Service | null {
  const apdu = parseBacnet(bytes)
  return apdu && describe(new Map(apdu.property !== null && apdu.text !== null ? [[apdu.property, apdu.text]] : []))
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const first = reply && parseBacnet(reply)
  if (!first) return null
  const texts = new Map<number, string>()
  if (first.text !== null) texts.set(OBJECT_NAME, first.text)
  const wanted = first.kind === COMPLEX_ACK ? [VENDOR_NAME, MODEL_NAME, FIRMWARE, SOFTWARE] : []
  for (const [i, property] of wanted.entries()) {
    const apdu = await attempt(async () => {
      await session.write(readProperty((session.token + i + 1) & 0xff, property))
      return parseBacnet(await session.read())
    })
    if (apdu?.text) texts.set(property, apdu.text)
  }
  return describe(texts)
}

/** As the engine's question, for another property. */
function readProperty(invoke: number, property: number): Uint8Array {
  const writer = new Writer().u16(0x810a).u16(17).u16(0x0104).u16(0x0005).u8(invoke).u8(READ_PROPERTY)
  return writer.u8(0x0c).u32(0x023fffff).u8(0x19).u8(property).finish()
}

export function parseBacnet(bytes: Uint8Array): Apdu | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== BACNET_IP) return null
    reader.skip(1)
    if (reader.u16() !== bytes.length || reader.u8() !== NETWORK_VERSION) return null
    skipAddresses(reader, reader.u8())
    const kind = reader.u8() >> 4
    reader.skip(1)
    if (kind === REJECT || kind === ABORT) return reader.remaining === 1 ? { kind, property: null, text: null } : null
    if ((kind !== COMPLEX_ACK && kind !== ERROR) || reader.u8() !== READ_PROPERTY) return null
    return kind === ERROR ? { kind, property: null, text: null } : { kind, ...readValue(reader) }
  })
}

function skipAddresses(reader: Reader, control: number): void {
  if (control & NETWORK_MESSAGE) reader.skip(1)
  for (const bit of [WITH_DESTINATION, WITH_SOURCE]) {
    if (!(control & bit)) continue
    reader.skip(2)
    reader.skip(reader.u8())
  }
  // Hop count, which goes with a destination.
  if (control & WITH_DESTINATION) reader.skip(1)
}

/** [0] object(4) [1] property, then a character string inside an opening and a closing tag 3. */
function readValue(reader: Reader): { readonly property: number | null; readonly text: string | null } {
  reader.skip(5)
  const tag = reader.u8()
  const property = tag === 0x1a ? reader.u16() : reader.u8()
  if (reader.u8() !== 0x3e) return { property, text: null }
  const head = reader.u8()
  if (head >> 4 !== CHARACTER_STRING) return { property, text: null }
  const length = (head & 7) === 5 ? reader.u8() : head & 7
  // The first byte names the character set; 0 is UTF-8.
  reader.skip(1)
  return { property, text: clean(reader.take(length - 1)) }
}

function describe(texts: ReadonlyMap<number, string>): Service {
  const [vendor, model, firmware, software] = [VENDOR_NAME, MODEL_NAME, FIRMWARE, SOFTWARE].map(
    (property) => texts.get(property) || null,
  )
  return service('bacnet', {
    product: [vendor, model].filter(Boolean).join(' ') || null,
    vendor: vendor ?? null,
    version: firmware ?? software ?? null,
    device: 'building-automation',
    info: texts.get(OBJECT_NAME) ?? null,
    facts: {
      ...(software ? { software } : {}),
      ...(texts.has(OBJECT_NAME) ? { objectName: texts.get(OBJECT_NAME)! } : {}),
    },
  })
}
