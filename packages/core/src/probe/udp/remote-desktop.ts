/** Remote control over UDP: RDP's datagram transport (MS-RDPEUDP) and pcAnywhere. */
import { latin1, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [SYN, ACK] = [1, 4]
/** Section 3.1.5.1.1: a SYN is padded to the size of the path it wants to use. */
const MTU = 1232

/** SYN datagram (section 2.2.1): no acknowledgement yet, window, flags, initial sequence number, both MTUs. */
export const rdpUdp: UdpQuestion = {
  name: 'rdp-udp',
  ports: [3389],
  datagram(token) {
    const writer = new Writer().u32(0xffffffff).u16(64).u16(SYN).u32(token).u16(MTU).u16(MTU)
    return writer.zeros(MTU - writer.length).finish()
  },
  answers: (reply, token) =>
    reply.length >= 8 &&
    (new Reader(reply, 6).u16() & (SYN | ACK)) === (SYN | ACK) &&
    new Reader(reply).u32() === token >>> 0,
}

/** pcAnywhere's status query "NQ", answered with "NR" and the host's name. */
export const pcanywhere: UdpQuestion = {
  name: 'pcanywhere',
  ports: [5632],
  datagram: () => new Writer().latin1('NQ').finish(),
  answers: (reply) => latin1(reply.subarray(0, 2)) === 'NR',
}
