/**
 * The second look: what seems to have closed is asked again, some time apart, until it answers or has been silent
 * throughout; what seems to have opened again has to answer once more. Keeps to the rates of the scan. Begun anew when
 * it is interrupted: nothing is written before the end.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PortResult } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import { setOfAddresses } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import { transaction } from '@portolan/db/transaction.ts'
import type { Discovery } from '../discover-hosts.ts'
import type { Membership } from '../limits/shared-limits.ts'
import type { Parts } from '../parts.ts'
import { suspectsOf } from './suspects.ts'

/** Silence is believed after so many looks ... */
const LOOKS = 3
/** ... so many milliseconds apart. */
const SPACING = 1_000
/** More is no change of single endpoints but an outage, or a scan of another network: the rest stays unconfirmed. */
const MOST = 2_000

export type Found = PortResult & { readonly missed: boolean }

export async function lookAgain(parts: Parts, { scan, claim, stop }: Discovery): Promise<readonly Found[]> {
  const all = await transaction(parts.db, (client) => suspectsOf(client, scan.id))
  const here = all.filter(({ vantage, transport }) => vantage === parts.self.vantage && transport === claim.transport)
  const open = await openIn(parts, scan.id)
  const limits = await parts.limits.join({ ...claim, onChange: () => {} }, stop.signal)
  try {
    return await lookUntilSettled({ scan, claim, stop }, { suspects: here.slice(0, MOST), open, limits })
  } finally {
    limits.leave()
  }
}

type Look = {
  readonly suspects: readonly EndpointKey[]
  /** `address port` of what the scan found open. */
  readonly open: ReadonlySet<string>
  readonly limits: Membership
}

async function lookUntilSettled(work: Discovery, { suspects, open, limits }: Look): Promise<readonly Found[]> {
  const { stop } = work
  let left = suspects
  const found = new Map<string, Found>()
  for (let turn = 0; turn < LOOKS && left.length > 0; turn++) {
    await sleep(SPACING, undefined, { signal: stop.signal }).catch(() => {})
    for (const group of groupsOf(left)) {
      if (stop.signal.aborted) return []
      for (const result of await ask(work, limits, group)) {
        const key = `${result.ip} ${result.port}`
        found.set(key, { ...result, missed: !open.has(key) })
      }
    }
    // An answer settles it.
    left = left.filter(({ ip, port }) => !/^(open|closed)$/.test(found.get(`${ip} ${port}`)?.state ?? ''))
  }
  return [...found.values()]
}

async function openIn({ db, self }: Parts, scanId: string): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ key: string }>(
    `SELECT host(ip) || ' ' || port AS key FROM observations WHERE scan_id = $1 AND vantage = $2 AND state = 'open'`,
    [scanId, self.vantage],
  )
  return new Set(rows.map(({ key }) => key))
}

type Group = { readonly ips: readonly string[]; readonly ports: readonly number[] }

/** By port or by address, whichever makes fewer: each is one run of the engine. */
function groupsOf(suspects: readonly EndpointKey[]): readonly Group[] {
  const by = (key: (s: EndpointKey) => string | number) => [...Map.groupBy(suspects, key).values()]
  const [ports, ips] = [by(({ port }) => port), by(({ ip }) => ip)]
  return (ports.length < ips.length ? ports : ips).map((group) => ({
    ips: [...new Set(group.map(({ ip }) => ip))],
    ports: [...new Set(group.map(({ port }) => port))].sort((a, b) => a - b),
  }))
}

async function ask({ scan, claim, stop }: Discovery, own: Membership, { ips, ports }: Group): Promise<PortResult[]> {
  const addresses = ips.map((ip) => parseAddress(ip)).flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
  const space = createProbeSpace({
    addresses: setOfAddresses(addresses),
    ports: ports.map((port) => ({ first: port, last: port })),
    transport: claim.transport,
    seed: claim.epoch,
  })
  const { rate } = scan
  const engine = await selectEngine(claim.transport, scan.engine)
  const results: PortResult[] = []
  const limits = {
    ...(rate === null ? {} : { rate }),
    ...(own.isGated ? { gate: own.gate } : {}),
    ...(own.perHost === null ? {} : { perHostRate: own.perHost, hostShare: own.hostShare }),
  }
  for await (const batch of engine.scan({ space, from: 0, to: space.size, record: 'all', ...limits }, stop.signal))
    results.push(...batch.results)
  return results
}
