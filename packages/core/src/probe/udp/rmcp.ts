/**
 * Server management controllers on their own port: ASF presence ping (DMTF DSP0136 section 3.2.4) and IPMI Get Channel
 * Authentication Capabilities (IPMI 2.0 section 13.1, 22.13), both answered without a session.
 */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** RMCP version 6, no acknowledgement wanted. */
const RMCP = 0x0600ff
const [ASF, IPMI] = [6, 7]
const ASF_IANA = 4542
const [PING, PONG] = [0x80, 0x40]
/** 0xff would mean "unidirectional, no answer". */
const tag = (token: number) => token & 0x7f

export const asfRmcp: UdpQuestion = {
  name: 'asf-rmcp',
  ports: [623, 664],
  datagram: (token) => new Writer().u24(RMCP).u8(ASF).u32(ASF_IANA).u8(PING).u8(tag(token)).u16(0).finish(),
  answers: (reply, token) => reply.length >= 12 && reply[0] === 6 && reply[8] === PONG && reply[9] === tag(token),
}

export const ipmi: UdpQuestion = {
  name: 'ipmi',
  ports: [623],
  datagram() {
    // To the BMC (0x20), application function 6, checksum; from software 0x81, command 0x38: this channel, IPMI 2.0, administrator; checksum.
    const message = [0x20, 0x18, 0xc8, 0x81, 0x00, 0x38, 0x8e, 0x04, 0xb5]
    return new Writer().u24(RMCP).u8(IPMI).zeros(9).u8(message.length).bytes(message).finish()
  },
  answers: (reply) => reply.length >= 21 && new Reader(reply).u8() === 6 && reply[3] === IPMI,
}
