/**
 * H.323 call signalling (ITU-T H.225.0 over Q.931, section 7.3), inside TPKT (RFC 1006 section 6):
 *
 *   packet   => 3 0 U16 length, 8 (Q.931), reference length, reference, message type, elements
 *   request  => STATUS ENQUIRY (0x75)
 *   response => STATUS (0x7d), or RELEASE COMPLETE (0x5a), for the same call reference
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const h323: Protocol = { name: 'h323', transport: 'tcp', ports: [1720], opens: 'client', recognise, identify }

const Q931 = 8
const STATUS_ENQUIRY = 0x75
const ANSWERS = [0x7d, 0x5a]

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u16() !== 0x0300) return null
    const length = reader.u16()
    if (length !== bytes.length || reader.u8() !== Q931) return null
    reader.skip(reader.u8() & 15)
    return ANSWERS.includes(reader.u8()) ? service('h323q931') : null
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(
    new Writer()
      .u16(0x0300)
      .u16(9)
      .u8(Q931)
      .u8(2)
      .u16(session.token & 0x7fff)
      .u8(STATUS_ENQUIRY)
      .finish(),
  )
  return recognise(await session.readUntil((soFar) => soFar.length >= 4 && soFar.length >= new Reader(soFar, 2).u16()))
}
