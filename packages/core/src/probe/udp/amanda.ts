/** Amanda backup clients (Amanda protocol documentation): a text packet that asks for the service that does nothing. */
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const amanda: UdpQuestion = {
  name: 'amanda',
  ports: [10080],
  datagram: () => new Writer().latin1('Amanda 2.6 REQ HANDLE 000-00000000 SEQ 0\nSERVICE noop\n').finish(),
  answers: (reply) => latin1(reply.subarray(0, 7)) === 'Amanda ',
}
