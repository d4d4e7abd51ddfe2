/**
 * The second look: what seems to have closed is asked again, some time apart, until it answers or has been silent
 * throughout; what seems to have opened has to answer once more. Keeps to the rates of the scan. Begun anew when it is
 * interrupted: nothing is written before the end.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PortResult } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import type { EndpointKey } from '@portolan/core/exposure/sighting.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import { setOfAddresses } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import type { Discovery } from '../discover-hosts.ts'
import type { Membership } from '../limits/shared-limits.ts'
import type { Parts } from '../parts.ts'
import type { Suspect } from './suspects.ts'

/** Silence is believed after so many looks ... */
export const LOOKS = 3
/** ... so many milliseconds apart. */
export const SPACING = 1_000

/** `missed`: the scan had not seen it open. */
export type Found = PortResult & { readonly missed: boolean }

export async function lookAgain(
  parts: Parts,
  { scan, claim, stop }: Discovery,
  suspects: readonly Suspect[],
): Promise<readonly Found[]> {
  if (suspects.length === 0) return []
  const limits = await parts.limits.join({ ...claim, onChange: () => {} }, stop.signal)
  try {
    return await lookUntilSettled({ scan, claim, stop }, { suspects, limits })
  } finally {
    limits.leave()
  }
}

type Look = {
  readonly suspects: readonly Suspect[]
  readonly limits: Membership
}

async function lookUntilSettled(work: Discovery, { suspects, limits }: Look): Promise<readonly Found[]> {
  const { stop } = work
  let left = suspects
  const found = new Map<string, Found>()
  const missed = new Set(suspects.filter(({ why }) => why === 'missed').map(({ ip, port }) => `${ip} ${port}`))
  for (let turn = 0; turn < LOOKS && left.length > 0; turn++) {
    await sleep(SPACING, undefined, { signal: stop.signal }).catch(() => {})
    for (const result of await ask(work, limits, left)) {
      const key = `${result.ip} ${result.port}`
      found.set(key, { ...result, missed: missed.has(key) })
    }
    if (stop.signal.aborted) return []
    // An answer settles it.
    left = left.filter(({ ip, port }) => !/^(open|closed)$/.test(found.get(`${ip} ${port}`)?.state ?? ''))
  }
  return [...found.values()]
}

/** All of them in one run of the engine: as the positions that come before all others. */
async function ask({ scan, claim, stop }: Discovery, own: Membership, asked: readonly EndpointKey[]) {
  const addresses = asked.map(({ ip }) => parseAddress(ip)).flatMap((parsed) => (parsed.ok ? [parsed.value] : []))
  const ports = [...new Set(asked.map(({ port }) => port))].sort((a, b) => a - b)
  const space = createProbeSpace({
    addresses: setOfAddresses(addresses),
    ports: ports.map((port) => ({ first: port, last: port })),
    transport: claim.transport,
    seed: claim.epoch,
    first: asked,
  })
  const { rate } = scan
  const engine = await selectEngine(claim.transport, scan.engine)
  const results: PortResult[] = []
  const task = {
    space,
    from: 0,
    to: asked.length,
    record: 'all' as const,
    ...(rate === null ? {} : { rate }),
    ...(own.isGated ? { gate: own.gate } : {}),
    ...(own.perHost === null ? {} : { perHostRate: own.perHost, hostShare: own.hostShare }),
  }
  for await (const batch of engine.scan(task, stop.signal)) results.push(...batch.results)
  return results
}
