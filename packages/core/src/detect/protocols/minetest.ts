/**
 * Luanti, once called Minetest (doc/protocol.txt, network/mtp/impl.h):
 *
 *   packet   => U32 0x4f457403, U16 sender (0 nobody yet, 1 the server), channel(1), kind
 *   kind     => 0 (control) 1 (your number is) U16 / 0 3 (I am gone) / 3 (reliable) U16 sequence kind / ...
 */
import { minetest as question } from '#core/probe/udp/games.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { ask } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const PROTOCOL = 0x4f457403
const SERVER = 1
const [CONTROL, RELIABLE] = [0, 3]
const [SET_NUMBER, GONE] = [1, 3]

export const minetest: Protocol = {
  name: 'minetest',
  transport: 'udp',
  ports: question.ports,
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (numberGiven(bytes) === null) return null
  return service('minetest', { product: 'Luanti', vendor: 'Luanti', cpe: [cpe('a', 'minetest', 'minetest')] })
}

function numberGiven(bytes: Uint8Array): number | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u32() !== PROTOCOL || reader.u16() !== SERVER || reader.u8() > 2 || reader.u8() !== RELIABLE) return null
    reader.skip(2)
    return reader.u8() === CONTROL && reader.u8() === SET_NUMBER ? reader.u16() : null
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const number = reply && numberGiven(reply)
  if (reply === null || number === null) return null
  // Otherwise it repeats itself for as long as a player may be gone.
  await session.write(new Writer().u32(PROTOCOL).u16(number).u8(0).u8(CONTROL).u8(GONE).finish())
  return recognise(reply)
}
