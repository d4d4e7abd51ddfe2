/** Quake 3 engine (ioquake3 documentation): four 255 bytes, then the command; `getinfo` echoes its argument. */
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const quake3: UdpQuestion = {
  name: 'quake3',
  ports: [27960, 27961, 26000, 28960, 30720, 44400],
  datagram: (token) =>
    new Writer()
      .u32(0xffffffff)
      .latin1(`getinfo ${token.toString(16)}`)
      .finish(),
  answers: (reply) => latin1(reply.subarray(0, 16)).startsWith('\xff\xff\xff\xffinfoResponse'),
}
