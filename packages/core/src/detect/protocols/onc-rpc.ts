/**
 * ONC RPC programs over TCP (RFC 5531, record marked) other than the portmapper: nfs, mountd, nlockmgr, status and
 * their like. A reply does not say which program it is from; only asking tells.
 */
import { parseRpcRecord, parseRpcReply, rpcCall, rpcRecord } from '#core/wire/onc-rpc.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { findRpcProgram } from '../rpc-program.ts'
import { service } from '../service.ts'

export const oncRpc: Protocol = {
  name: 'onc-rpc',
  transport: 'tcp',
  ports: [2049, 20048, 635, 4045, 32768],
  opens: 'client',
  recognise,
  identify,
}

/** Refusals alone: what a program answers to a call for another one, or in a version it lacks. */
function recognise(bytes: Uint8Array): Service | null {
  const message = parseRpcRecord(bytes)
  const reply = message && message.length + 4 === bytes.length ? parseRpcReply(message) : null
  return reply && reply.status !== 'success' ? service('rpc', { info: 'ONC RPC', confidence: 0.8 }) : null
}

function identify(session: Session): Promise<Service | null> {
  return findRpcProgram(async (call) => {
    await session.write(rpcRecord(rpcCall(call)))
    const message = await understood(session, parseRpcRecord)
    const reply = message && parseRpcReply(message)
    return reply?.xid === call.xid ? reply : null
  }, session.token)
}
