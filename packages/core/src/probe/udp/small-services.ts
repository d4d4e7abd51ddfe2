/** The little services of 1983 (RFC 862, 865, 866): whatever comes in, something goes out. */
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const word = (token: number) => `${token.toString(16)}\r\n`

export const echo: UdpQuestion = {
  name: 'echo',
  ports: [7],
  datagram: (token) => new Writer().latin1(word(token)).finish(),
  answers: (reply, token) => latin1(reply) === word(token),
}

export const systat: UdpQuestion = { name: 'systat', ports: [11], datagram: () => Uint8Array.of(10) }

export const qotd: UdpQuestion = { name: 'qotd', ports: [17], datagram: () => Uint8Array.of(10) }
