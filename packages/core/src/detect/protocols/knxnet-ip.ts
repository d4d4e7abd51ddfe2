/**
 * KNXnet/IP description (ISO 22510, clause 7.6.4 and 7.5.4.2):
 *
 *   packet   = 6(1) 0x10(1) 0x0204(2) length(2) block*
 *   block    = length(1) type(1) body      type 1: medium(1) status(1) address(2) project(2) serial(6) multicast(4) mac(6) name(30)
 */
import { knxnetIp as question } from '#core/probe/udp/building-automation.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const DESCRIPTION_RESPONSE = 0x06100204
const [DEVICE_BLOCK, DEVICE_LENGTH] = [1, 54]

export const knxnetIp: Protocol = {
  name: 'knxnet-ip',
  transport: 'udp',
  ports: [3671],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u32() !== DESCRIPTION_RESPONSE || reader.u16() !== bytes.length) return null
    if (reader.u8() !== DEVICE_LENGTH || reader.u8() !== DEVICE_BLOCK) return null
    reader.skip(2)
    const address = reader.u16()
    reader.skip(2)
    const serial = Buffer.from(reader.take(6)).toString('hex')
    reader.skip(10)
    const name = clean(reader.latin1(30).split('\0', 1)[0]!)
    const area = `${address >> 12}.${(address >> 8) & 15}.${address & 255}`
    return service('knxnet-ip', {
      product: name || null,
      device: 'building-automation',
      info: `KNX address ${area}`,
      facts: { address: area, serial },
    })
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}
