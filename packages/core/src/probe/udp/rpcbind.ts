/** ONC RPC portmapper (RFC 1833 section 3): which programs are registered? The transaction id is the token. */
import { parseRpcReply, rpcCall } from '#core/wire/onc-rpc.ts'
import type { UdpQuestion } from '../udp-question.ts'

const [PORTMAPPER, DUMP] = [100_000, 4]

export const rpcbind: UdpQuestion = {
  name: 'rpcbind',
  ports: [111],
  datagram: (token) => rpcCall({ xid: token, program: PORTMAPPER, version: 2, procedure: DUMP }),
  answers: (reply, token) => parseRpcReply(reply)?.xid === token,
}
