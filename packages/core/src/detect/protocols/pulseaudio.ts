/**
 * PulseAudio, native protocol (PulseAudio's PROTOCOL, pstream.c, tagstruct.c):
 *
 *   frame => U32 length, U32 channel (-1: control), U32 offset high, U32 offset low, U32 flags, payload
 *   AUTH  => "L" U32 8, "L" U32 tag, "L" U32 version, "x" U32 256, cookie
 *   REPLY => "L" U32 2, "L" U32 tag, "L" U32 version           ERROR => "L" U32 0, "L" U32 tag, "L" U32 code
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const pulseaudio: Protocol = {
  name: 'pulseaudio',
  transport: 'tcp',
  ports: [4713],
  opens: 'client',
  recognise,
  identify,
}

const CONTROL = 0xffffffff
const UINT32 = 0x4c
const ARBITRARY = 0x78
const [ERROR, REPLY, AUTH] = [0, 2, 8]
/** The oldest protocol every server still speaks. */
const VERSION = 8
const COOKIE = 256
/** The upper half of the version word says what memory could be shared. */
const VERSION_MASK = 0xffff

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const length = reader.u32()
    if (length < 15 || length > 64 || reader.u32() !== CONTROL) return null
    if (reader.u32() !== 0 || reader.u32() !== 0 || reader.u32() !== 0) return null
    const number = () => (reader.u8() === UINT32 ? reader.u32() : -1)
    const [command, tag, value] = [number(), number(), number()]
    if (tag < 0 || value < 0 || (command !== REPLY && command !== ERROR)) return null
    const protocol = command === REPLY ? value & VERSION_MASK : null
    return service('pulseaudio', {
      product: 'PulseAudio',
      vendor: 'PulseAudio',
      info: protocol === null ? null : `protocol ${protocol}`,
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const payload = new Writer().u8(UINT32).u32(AUTH).u8(UINT32).u32(0).u8(UINT32).u32(VERSION)
  const auth = payload.u8(ARBITRARY).u32(COOKIE).bytes(new Uint8Array(COOKIE)).finish()
  await session.write(new Writer().u32(auth.length).u32(CONTROL).u32(0).u32(0).u32(0).bytes(auth).finish())
  return understood(session, recognise)
}
