import type { Engine } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import { type AddressSet, isEmpty, sizeOf } from '@portolan/core/target/address-set.ts'
import { countProbes, createProbeSpace, ProbeSpaceTooLarge } from '@portolan/core/target/create-probe-space.ts'
import { countPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import type { ProbeSpace, Transport } from '@portolan/core/target/probe-space.ts'
import { UsageError } from '../exit.ts'
import { exitQuickly } from './quick-exit.ts'
import type { ScanOptions } from './scan-options.ts'

/** One transport's part of a scan. */
export type Stage = { readonly space: ProbeSpace; readonly engine: Engine }

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
  exitQuickly()
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
