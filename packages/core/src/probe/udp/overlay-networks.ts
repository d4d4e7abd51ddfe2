/** Supernodes and servers that others find each other by. */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const COMMUNITY = 'portolan'
/** Version, type, hops, from a supernode; community, two hardware addresses, two socket addresses, kind, number, CRC. */
const N2N_HEADER = 87
const [N2N_VERSION, N2N_REGISTER, N2N_REGISTER_ACK] = [1, 1, 4]

/** n2n version 1 (n2n.h): an edge registers with a supernode, in a community of its own, and is forgotten in minutes. */
export const n2n: UdpQuestion = {
  name: 'n2n',
  ports: [7654],
  datagram(token) {
    const head = new Writer().u8(N2N_VERSION).u8(N2N_REGISTER).u8(1).u8(0).latin1(COMMUNITY).zeros(8)
    // A locally administered address, so that it is nobody's.
    const whole = head.u16(0x0200).u32(token)
    return whole.zeros(N2N_HEADER - whole.length).finish()
  },
  answers: (reply) => reply.length >= N2N_HEADER && reply[0] === N2N_VERSION && reply[1] === N2N_REGISTER_ACK,
}
