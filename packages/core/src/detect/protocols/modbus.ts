/**
 * Modbus over TCP; grammar in wire/modbus.ts. Reads nothing but names:
 *
 *   read device identification (0x2b, 0x0e): kind(1) first(1) => 0x0e kind conformity more next count (id length text)*
 *   report server id (0x11)               => length(1) id run(1) text
 *
 * A device that knows neither says so in an exception, which repeats our transaction number and is proof enough.
 */
import { type ModbusAdu, modbusAdu, parseModbus } from '#core/wire/modbus.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { attempt, understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

const [IDENTIFY, DEVICE_IDENTIFICATION, REPORT, EXCEPTION] = [0x2b, 0x0e, 0x11, 0x80]
/** Section 7 of the application protocol knows codes 1 to 11. */
const LAST_EXCEPTION = 11
const [VENDOR, PRODUCT, REVISION] = [0, 1, 2]
const OBJECTS_CAP = 16

export const modbus: Protocol = { name: 'modbus', transport: 'tcp', ports: [502], opens: 'client', recognise, identify }

/** Only what proves itself without our transaction number: a device's names. */
function recognise(bytes: Uint8Array): Service | null {
  const adu = parseModbus(bytes)
  const objects = adu && parseObjects(adu)
  return objects ? describe(objects, null, null) : null
}

async function identify(session: Session): Promise<Service | null> {
  const transaction = session.token & 0xffff
  const first = await ask(session, {
    transaction,
    unit: 1,
    code: IDENTIFY,
    data: Uint8Array.of(DEVICE_IDENTIFICATION, 1, 0),
  })
  if (first?.transaction !== transaction || !isAnswer(first, IDENTIFY)) return null
  const objects = parseObjects(first)
  if (objects) return describe(objects, null, null)
  const second = await attempt(() =>
    ask(session, { transaction: transaction ^ 1, unit: 1, code: REPORT, data: new Uint8Array() }),
  )
  const text =
    second?.code === REPORT ? cleanOrNull(latin1(second.data.subarray(1)).replace(/[^\x20-\x7e]+/g, ' ')) : null
  return describe(new Map(), text, first.data[0] ?? null)
}

async function ask(session: Session, request: ModbusAdu): Promise<ModbusAdu | null> {
  await session.write(modbusAdu(request))
  return understood(session, parseModbus)
}

function isAnswer({ code, data }: ModbusAdu, asked: number): boolean {
  if (code === asked) return true
  return code === (asked | EXCEPTION) && data.length === 1 && data[0]! > 0 && data[0]! <= LAST_EXCEPTION
}

function parseObjects({ code, data }: ModbusAdu): ReadonlyMap<number, string> | null {
  return orNull(() => {
    const reader = new Reader(data)
    if (code !== IDENTIFY || reader.u8() !== DEVICE_IDENTIFICATION) return null
    reader.skip(4)
    const objects = new Map<number, string>()
    for (let left = Math.min(reader.u8(), OBJECTS_CAP); left > 0; left--) {
      const id = reader.u8()
      objects.set(id, clean(reader.take(reader.u8())))
    }
    return objects
  })
}

function describe(objects: ReadonlyMap<number, string>, report: string | null, exception: number | null): Service {
  const [vendor = null, product = null, revision] = [VENDOR, PRODUCT, REVISION].map((id) => objects.get(id))
  return service('modbus', {
    product: [vendor, product].filter(Boolean).join(' ') || null,
    vendor,
    version: revision?.replace(/^[vV]/, '') || null,
    device: 'industrial',
    info: report,
    facts: { ...(exception === null ? {} : { exception }), ...(report ? { report } : {}) },
  })
}
