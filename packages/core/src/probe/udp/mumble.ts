/** Mumble's ping (Mumble protocol documentation, "UDP ping"): U32 0, U64 ident, echoed in the answer. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const mumble: UdpQuestion = {
  name: 'mumble',
  ports: [64738],
  datagram: (token) => new Writer().u32(0).u32(token).u32(token).finish(),
  answers: (reply, token) => reply.length === 24 && new Reader(reply, 4).u32() === token,
}
