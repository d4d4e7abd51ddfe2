import { formatSpan } from '@portolan/core/target/address-set.ts'
import { formatPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import type { Options } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { flagOption, textOption } from '../read-options.ts'
import { checkOrigin } from './check-origin.ts'
import { type Reach, resolveReach } from './resolve-reach.ts'
import { readScanOptions, type ScanOptions } from './scan-options.ts'
import { checkStatePlace, readState, type ScanState } from './state-file.ts'

/** A scan with its names resolved: new, or taken up where its state file left it. */
export type ScanJob = Reach & {
  readonly options: ScanOptions
  readonly ports: PortSet
  readonly seed: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly stateFile: string | null
  readonly before: ScanState | null
}

export async function prepareScan(words: readonly string[], given: Options): Promise<ScanJob> {
  const stateFile = textOption(given, 'resume') ?? null
  const before = stateFile === null ? null : await readState(stateFile)
  if (stateFile !== null) await checkStatePlace(stateFile)
  const options = await readScanOptions(words, given, { targetsRequired: before === null })
  const { sourceAddress, interface: name } = options.pace
  // The route that an address or interface of the user's choice has is another one, and a list needs none.
  const onlyRouted = sourceAddress === undefined && name === undefined && !flagOption(given, 'list')
  const reach = await resolveReach(options, { onlyRouted })
  if (sourceAddress !== undefined || name !== undefined) await checkOrigin(options.pace, reach.addresses)
  if (before) {
    const named = options.targets.literal.spans.length + options.targets.names.length > 0
    if (named) refuseOther({ addresses: reach.addresses, ports: options.ports }, before, stateFile)
    return { options, ...before, unresolved: [], unanswered: [], otherFamily: [], routeless: [], stateFile, before }
  }
  return {
    options,
    ...reach,
    ports: options.ports,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
    startedAt: Date.now(),
    stateFile,
    before,
  }
}

type Asked = Pick<ScanState, 'addresses' | 'ports'>

/** Going on with another scan's positions would skip what was never asked. */
function refuseOther(asked: Asked, before: Asked, file: string | null): void {
  const text = ({ addresses, ports }: Asked) => `${addresses.spans.map(formatSpan).join(' ')} ${formatPorts(ports)}`
  if (text(asked) !== text(before))
    throw new UsageError(`${file} is the state of another scan; name no targets to go on with it, or name another file`)
}
