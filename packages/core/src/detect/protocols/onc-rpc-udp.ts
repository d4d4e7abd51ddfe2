/** ONC RPC programs over UDP (RFC 5531) other than the portmapper: one message a datagram; see rpc-program.ts. */
import { parseRpcReply, rpcCall } from '#core/wire/onc-rpc.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { findRpcProgram } from '../rpc-program.ts'
import { service } from '../service.ts'

export const oncRpcUdp: Protocol = {
  name: 'onc-rpc-udp',
  transport: 'udp',
  ports: [2049, 20048, 635, 4045, 32768],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseRpcReply(bytes)
  return reply && reply.status !== 'success' ? service('rpc', { info: 'ONC RPC', confidence: 0.8 }) : null
}

function identify(session: Session): Promise<Service | null> {
  return findRpcProgram(async (call) => {
    await session.write(rpcCall(call))
    const bytes = await attempt(() => session.read())
    const reply = bytes && parseRpcReply(bytes)
    return reply?.xid === call.xid ? reply : null
  }, session.token)
}
