/** Source engine A2S_INFO (Valve developer wiki, "Server queries"). */
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const sourceEngine: UdpQuestion = {
  name: 'source-engine',
  ports: [27015, 27016, 27017, 27018, 27019, 27020, 2457, 28015],
  datagram: () => new Writer().u32(0xffffffff).latin1('TSource Engine Query\0').finish(),
  answers: (reply) =>
    reply.length >= 5 &&
    [0, 1, 2, 3].every((i) => reply[i] === 255) &&
    /[AIm]/.test(String.fromCharCode(reply[4] ?? 0)),
}
