import { lookup } from 'node:dns/promises'
import type { Engine } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import { type Address, formatAddress, parseAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, isEmpty, sizeOf } from '@portolan/core/target/address-set.ts'
import { countProbes, createProbeSpace, ProbeSpaceTooLarge } from '@portolan/core/target/create-probe-space.ts'
import { countPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import type { ProbeSpace, Transport } from '@portolan/core/target/probe-space.ts'
import { resolveTargets } from '@portolan/core/target/target-spec.ts'
import { UsageError } from '../exit.ts'
import type { ScanOptions } from './scan-options.ts'

/** Where to: names resolved once, every address pinned. */
export type Reach = {
  readonly addresses: AddressSet
  /** The name the user asked for, by address. */
  readonly names: ReadonlyMap<string, string>
  readonly unresolved: readonly string[]
}

/** One transport's part of a scan. */
export type Stage = { readonly space: ProbeSpace; readonly engine: Engine }

export async function resolveReach({ targets, exclude, families }: ScanOptions): Promise<Reach> {
  const wanted = new Set([...targets.names, ...exclude.names].map(({ name }) => name))
  const answers = new Map<string, readonly Address[]>()
  await Promise.all(Array.from(wanted, async (name) => answers.set(name, await addressesOf(name, families))))
  const { addresses, unresolved } = resolveTargets({ targets, exclude, answers })
  const names = new Map<string, string>()
  for (const { name, prefix } of targets.names)
    for (const address of answers.get(name) ?? []) if (prefix === null) names.set(formatAddress(address), name)
  return { addresses, names, unresolved }
}

async function addressesOf(name: string, families: readonly (4 | 6)[]): Promise<readonly Address[]> {
  try {
    const found = await lookup(name, { all: true })
    return found
      .map(({ address }) => parseAddress(address.replace(/%.*/, '')))
      .flatMap((parsed) => (parsed.ok && families.includes(parsed.value.family) ? [parsed.value] : []))
  } catch {
    return []
  }
}

/** TCP before UDP; a transport without ports has no stage. `inline`: raw packets are sent from this thread. */
export async function planStages(
  addresses: AddressSet,
  ports: PortSet,
  how: { engine: ScanOptions['engine']; seed: number; inline: boolean },
) {
  if (isEmpty(addresses)) return []
  const stages: Stage[] = []
  for (const transport of ['tcp', 'udp'] as const)
    if (ports[transport].length > 0) {
      const space = spaceOf({ addresses, ports, transport, seed: how.seed })
      stages.push({ space, engine: await selectEngine(transport, how.engine, { inline: how.inline }) })
    }
  return stages
}

type SpaceInput = {
  readonly addresses: AddressSet
  readonly ports: PortSet
  readonly transport: Transport
  readonly seed: number
}

function spaceOf({ addresses, ports, transport, seed }: SpaceInput): ProbeSpace {
  try {
    return createProbeSpace({ addresses, ports: ports[transport], transport, seed })
  } catch (error) {
    if (!(error instanceof ProbeSpaceTooLarge)) throw error
    throw new UsageError(
      `${sizeOf(addresses)} addresses: ${error.message}. Name fewer; an IPv6 network is not scanned by counting`,
    )
  }
}

/** Of any size: what a dry run reports. */
export function countAll(addresses: AddressSet, ports: PortSet): bigint {
  return countProbes(addresses, countPorts(ports.tcp) + countPorts(ports.udp))
}
