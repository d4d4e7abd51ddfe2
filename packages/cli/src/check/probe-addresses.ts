/** One port of some addresses, asked as any client would. */
import { createConnectEngine } from '@portolan/core/engine/connect-engine.ts'
import type { PortResult } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import { compareIps } from '@portolan/core/format/endpoint-record.ts'
import { formatAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, addressesOf, isEmpty, setOfAddresses, sizeOf } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { UsageError } from '../exit.ts'
import { hasRoute } from '../scan/has-route.ts'

/** What one address said. */
export type Seen = Omit<PortResult, 'position'>
type Asked = { readonly port: number; readonly transport: Transport }

/** More addresses are a scan. */
const MOST = 64
/** Who speaks when nothing could be sent. */
export const HERE = 'this machine'

/** The way any client takes: connections, no raw packets. */
export async function probe(addresses: AddressSet, { port, transport }: Asked, timeout: number) {
  if (sizeOf(addresses) > MOST) throw new UsageError(`these are ${sizeOf(addresses)} addresses; scan takes that many`)
  const all = addresses.spans.flatMap((span) => [...addressesOf(span)])
  const ways = await Promise.all(all.map((address) => hasRoute(formatAddress(address))))
  const results: Seen[] = all
    .filter((_, i) => !ways[i])
    .map((address) => ({
      ip: formatAddress(address),
      port,
      state: 'filtered',
      reason: 'net-unreach',
      rtt: null,
      from: HERE,
    }))
  const routed = setOfAddresses(all.filter((_, i) => ways[i]))
  if (!isEmpty(routed)) {
    const space = createProbeSpace({ addresses: routed, ports: [{ first: port, last: port }], transport, seed: 1 })
    const udp = transport === 'udp'
    const engine = udp ? await selectEngine(transport) : createConnectEngine({ patient: true })
    const task = { space, from: 0, to: space.size, record: 'all', retries: udp ? 1 : 0, timeout } as const
    for await (const batch of engine.scan(task, new AbortController().signal)) results.push(...batch.results)
  }
  return results.sort((a, b) => compareIps(a.ip, b.ip))
}
