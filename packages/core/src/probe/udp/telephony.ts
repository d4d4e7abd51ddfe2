/** Telephony beside SIP: media gateways (MGCP, RFC 3435) and Asterisk's IAX2 (RFC 5456). */
import { latin1, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const transaction = (token: number) => (token % 999_999_999) + 1

/** AuditEndpoint on all endpoints; the answer repeats the transaction id after its three-digit code. */
export const mgcp: UdpQuestion = {
  name: 'mgcp',
  ports: [2427, 2727],
  datagram: (token) => new Writer().latin1(`AUEP ${transaction(token)} *@[127.0.0.1] MGCP 1.0\r\n`).finish(),
  answers: (reply, token) => latin1(reply.subarray(4, 14)).startsWith(`${transaction(token)}`),
}

const call = (token: number) => (token & 0x7ffe) | 1

/** POKE (section 6.7.1): full frame, type IAX (6), subclass 30; PONG (3) comes back to our call number. */
export const iax2: UdpQuestion = {
  name: 'iax2',
  ports: [4569],
  datagram: (token) =>
    new Writer()
      .u16(0x8000 | call(token))
      .u16(0)
      .u32(0)
      .u16(0)
      .u8(6)
      .u8(30)
      .finish(),
  answers: (reply, token) =>
    reply.length >= 12 && reply[10] === 6 && (new Reader(reply, 2).u16() & 0x7fff) === call(token),
}
