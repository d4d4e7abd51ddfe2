/**
 * ONC RPC programs at ports of their own (RFC 5531): procedure 0 does nothing, and every program must answer it, if only
 * to say that it is another one.
 */
import { parseRpcReply, rpcCall } from '#core/wire/onc-rpc.ts'
import type { UdpQuestion } from '../udp-question.ts'

function nothing(name: string, ports: readonly number[], program: number, version: number): UdpQuestion {
  return {
    name,
    ports,
    datagram: (token) => rpcCall({ xid: token >>> 0, program, version, procedure: 0 }),
    answers: (reply, token) => parseRpcReply(reply)?.xid === token >>> 0,
  }
}

/** RFC 1813. */
export const nfs = nothing('nfs', [2049], 100_003, 3)
/** RFC 1813 appendix I. */
export const mountd = nothing('mountd', [635, 20048], 100_005, 3)
/** RFC 1813 appendix II. */
export const nlockmgr = nothing('nlockmgr', [4045], 100_021, 4)
/** EMC NetWorker carries a portmapper of its own. */
export const networker = nothing('networker', [7938], 100_000, 2)
/** The VxWorks debug agent. */
export const wdbrpc = nothing('wdbrpc', [17185], 0x55555555, 1)
