/**
 * HashiCorp memberlist (Consul, Nomad, Serf, Docker swarm): `ping` (type 0) in MessagePack, a map of SeqNo and Node; an
 * empty node name is answered by anybody. Clusters with encryption stay silent.
 */
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

export const memberlist: UdpQuestion = {
  name: 'memberlist',
  ports: [7946, 8301, 8302, 4648],
  datagram: (token) =>
    new Writer().u8(0).u8(0x82).u8(0xa5).latin1('SeqNo').u8(0xce).u32(token).u8(0xa4).latin1('Node').u8(0xa0).finish(),
  answers: (reply) => latin1(reply.subarray(0, 64)).includes('SeqNo'),
}
