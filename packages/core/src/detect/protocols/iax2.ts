/**
 * Inter-Asterisk exchange (RFC 5456 section 8.1.1), full frames:
 *
 *   frame = 0x8000|source(2) destination(2) time(4) out(1) in(1) type(1)=6 subclass(1) element*
 *   POKE (30) => PONG (3), or INVAL (10) from one that does not like us
 */
import { iax2 as question } from '#core/probe/udp/telephony.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const IAX_CONTROL = 6
const ANSWERS: Readonly<Record<number, string>> = { 3: 'PONG', 4: 'ACK', 10: 'INVAL' }

export const iax2: Protocol = { name: 'iax2', transport: 'udp', ports: [4569], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    const [source, destination] = [reader.u16(), reader.u16()]
    reader.skip(6)
    const type = reader.u8()
    const answer = ANSWERS[reader.u8()]
    // A call number of ours in the destination, none of the retransmission bit, and little behind the header.
    if (
      source < 0x8000 ||
      destination === 0 ||
      destination >= 0x8000 ||
      type !== IAX_CONTROL ||
      answer === undefined ||
      reader.remaining > 64
    )
      return null
    return service('iax', { product: 'Asterisk IAX2', vendor: 'Asterisk', info: answer, confidence: 0.9 })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
