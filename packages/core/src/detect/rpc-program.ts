/**
 * Which ONC RPC program is at this port? Procedure 0 does nothing and is asked in a version nobody has: the program that is
 * there answers with the versions it has (RFC 5531 section 9, PROG_MISMATCH), others that they are not available.
 */
import type { RpcCall, RpcReply } from '#core/wire/onc-rpc.ts'
import { readOpaque } from '#core/wire/onc-rpc.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import type { Service } from './protocol.ts'
import { RPC_PROGRAMS } from './rpc-programs.data.ts'
import { service } from './service.ts'
import { clean } from './text.ts'

const GLUSTER = 14_398_633
/** The programs that have ports of their own on ordinary machines, most common first. */
const CANDIDATES = [100_003, 100_005, 100_024, 100_021, 100_011, 100_004, 100_007, 300_019, GLUSTER]
const NO_VERSION = 104_729
const MOUNT = 100_005
const EXPORT = 5
const EXPORTS_CAP = 64

/** Sends a call and returns the reply to it, null when something else came. */
export type Caller = (call: RpcCall) => Promise<RpcReply | null>

export async function findRpcProgram(call: Caller, xid: number): Promise<Service | null> {
  for (const [i, program] of CANDIDATES.entries()) {
    const reply = await call({ xid: (xid + i) >>> 0, program, version: NO_VERSION, procedure: 0 })
    if (reply === null) return null
    if (reply.status === 'program-unavailable') continue
    // Nobody has that version: success means that the answer was not to our question.
    if (reply.status !== 'version-mismatch') return null
    const exports = program === MOUNT ? await exportsOf(call, (xid + 100) >>> 0) : null
    return programService(program, { low: reply.low, high: reply.high }, exports)
  }
  return service('rpc', { info: 'ONC RPC', confidence: 0.6 })
}

/** The list anybody may read (RFC 1813 appendix I, section 5.2.5). */
async function exportsOf(call: Caller, xid: number): Promise<readonly string[] | null> {
  const reply = await call({ xid, program: MOUNT, version: 3, procedure: EXPORT })
  return reply?.status === 'success' ? parseExports(reply.results) : null
}

function programService(
  program: number,
  versions: { low: number; high: number },
  exports: readonly string[] | null,
): Service {
  const range = versions.low === versions.high ? `${versions.low}` : `${versions.low}-${versions.high}`
  const facts = {
    program,
    versions: [versions.low, versions.high],
    ...(exports ? { exports } : {}),
  }
  const product = program === GLUSTER ? { product: 'GlusterFS', vendor: 'Gluster' } : {}
  return service(RPC_PROGRAMS.get(program) ?? 'rpc', { ...product, info: `version ${range}`, facts })
}

/** (1(4) path(string) (1(4) group(string))* 0(4))* 0(4) */
export function parseExports(results: Uint8Array): readonly string[] | null {
  return orNull(() => {
    const reader = new Reader(results)
    const paths: string[] = []
    while (reader.u32() === 1 && paths.length < EXPORTS_CAP) {
      const path = clean(latin1(readOpaque(reader)), 200)
      const groups: string[] = []
      while (reader.u32() === 1) groups.push(clean(latin1(readOpaque(reader)), 100))
      paths.push(groups.length > 0 ? `${path} ${groups.slice(0, 8).join(',')}` : path)
    }
    return paths
  })
}
