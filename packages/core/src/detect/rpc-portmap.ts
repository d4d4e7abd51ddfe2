/**
 * What a portmapper's list says (RFC 1833 section 3.1, procedure PMAPPROC_DUMP):
 *
 *   list => (1(4) program(4) version(4) transport(4) port(4))* 0(4)       transport: 6 TCP, 17 UDP
 */
import { parseRpcReply, type RpcCall } from '#core/wire/onc-rpc.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import type { Service } from './protocol.ts'
import { RPC_PROGRAMS } from './rpc-programs.data.ts'
import { service } from './service.ts'

export const PORTMAPPER = 100_000
/** A busy NFS server registers some 60 entries. */
const ENTRIES_CAP = 512

export interface RpcMapping {
  readonly program: number
  readonly version: number
  readonly transport: 'tcp' | 'udp'
  readonly port: number
}

/** The call that asks for the whole list. */
export const dumpCall = (xid: number): RpcCall => ({ xid, program: PORTMAPPER, version: 2, procedure: 4 })

/** The list in a reply's results; null when they are something else. */
export function parseMappings(results: Uint8Array): readonly RpcMapping[] | null {
  return orNull(() => {
    const reader = new Reader(results)
    const list: RpcMapping[] = []
    for (let more = reader.u32(); more !== 0; more = reader.u32()) {
      if (more !== 1 || list.length === ENTRIES_CAP) return null
      const [program, version, transport, port] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()]
      if ((transport !== 6 && transport !== 17) || port > 65_535) return null
      list.push({ program, version, transport: transport === 6 ? 'tcp' : 'udp', port })
    }
    return reader.remaining === 0 ? list : null
  })
}

/** A reply with the portmapper's own list. */
export function recogniseMappings(message: Uint8Array): Service | null {
  const reply = parseRpcReply(message)
  if (reply?.status !== 'success') return null
  const list = parseMappings(reply.results)
  return list?.some((entry) => entry.program === PORTMAPPER) ? rpcbindService(list) : null
}

function rpcbindService(list: readonly RpcMapping[]): Service {
  const own = list.filter((entry) => entry.program === PORTMAPPER).map((entry) => entry.version)
  const [low, high] = [Math.min(...own), Math.max(...own)]
  const programs = [
    ...new Set(
      list.map(({ program, version, transport, port }) => `${nameOf(program)} v${version} ${transport}/${port}`),
    ),
  ]
  return service('rpcbind', {
    // Versions 3 and 4 are those of rpcbind; its predecessor, the portmapper, stopped at 2.
    product: high > 2 ? 'rpcbind' : 'portmap',
    info: low === high ? `RPC portmapper version ${low}` : `RPC portmapper versions ${low}-${high}`,
    facts: { programs: programs.slice(0, 60) },
  })
}

export function nameOf(program: number): string {
  return RPC_PROGRAMS.get(program) ?? String(program)
}
