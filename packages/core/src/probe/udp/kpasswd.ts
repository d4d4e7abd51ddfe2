/** Kerberos password change (RFC 3244 section 2): length, version 1, and no ticket at all, which is an error worth an answer. */
import { Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const kpasswd: UdpQuestion = {
  name: 'kpasswd',
  ports: [464],
  datagram: () => new Writer().u16(6).u16(1).u16(0).finish(),
  answers: (reply) => reply.length >= 6 && new Reader(reply).u16() === reply.length,
}
