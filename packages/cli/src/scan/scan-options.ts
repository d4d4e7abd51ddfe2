import type { KnowledgeFiles } from '@portolan/core/knowledge/load-knowledge.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { describeSpecError, type SpecError } from '@portolan/core/target/parsed.ts'
import type { PortSet } from '@portolan/core/target/port-set.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import { parseTargets, type Targets } from '@portolan/core/target/target-spec.ts'
import type { Options } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { knowledgeFiles } from '../knowledge-options.ts'
import { choiceOption, flagOption, listOption, numberOption, rateOption, textOption } from '../read-options.ts'
import { isPiped, nameOf, readTargets } from './read-targets.ts'

/** What is asked for, checked; nothing resolved or opened yet. */
export type ScanOptions = {
  readonly targets: Targets
  readonly exclude: Targets
  /** Both as they were written, where that is asked for. */
  readonly written: { readonly targets: readonly string[]; readonly exclude: readonly string[] }
  readonly ports: PortSet
  readonly families: readonly (4 | 6)[]
  readonly engine: 'auto' | 'syn' | 'connect'
  /** Null: open ports are not asked what they run. */
  readonly services: 'light' | 'default' | 'all' | null
  /** The user's own fingerprints. */
  readonly knowledge: KnowledgeFiles | null
  readonly seed: number | null
  readonly pace: {
    readonly rate?: number | 'max'
    readonly perHostRate?: number | 'max'
    readonly retries?: number
    readonly timeout?: number
    readonly sourceAddress?: string
    readonly interface?: string
  }
}

type Needs = { readonly targetsRequired: boolean; readonly asWritten?: boolean }

export async function readScanOptions(
  words: readonly string[],
  options: Options,
  { targetsRequired, asWritten = false }: Needs,
): Promise<ScanOptions> {
  const loose = words.find((word) => /^\d{1,5}([,-]\d{1,5})*$/.test(word))
  if (loose !== undefined) throw new UsageError(`${loose} stands among the targets; ports are written -p ${loose}`)
  const named = words.filter((word) => word !== '-')
  const files = [...listOption(options, 'targetsFile'), ...words.filter((word) => word === '-')]
  // Nothing is named, and something is piped in: naabu's habit.
  if (named.length + files.length === 0 && targetsRequired && isPiped()) files.push('-')
  const excludeFiles = listOption(options, 'excludeFile')
  if ([...files, ...excludeFiles].filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read only once; name a file for the others')
  const asked = await readTargets({ words: named, files, what: 'targets' }, asWritten)
  const { literal, names } = asked.targets
  if (literal.spans.length + names.length === 0 && targetsRequired) throw new UsageError(noTargets(options))
  const without = { words: listOption(options, 'exclude'), files: excludeFiles, what: '--exclude' }
  const excluded = await readTargets(without, asWritten)
  return {
    targets: asked.targets,
    exclude: excluded.targets,
    written: { targets: asked.written, exclude: excluded.written },
    ...readHow(options),
  }
}

type How = Omit<ScanOptions, 'targets' | 'exclude' | 'written'>

function readHow(options: Options): How {
  const [v4, v6] = [flagOption(options, 'ipv4'), flagOption(options, 'ipv6')]
  return {
    ports: portsOf(options),
    families: v4 === v6 ? [4, 6] : v4 ? [4] : [6],
    engine: choiceOption(options, 'engine', ['auto', 'syn', 'connect']) ?? 'auto',
    services: servicesOf(options),
    knowledge: knowledgeFiles(options),
    seed: numberOption(options, 'seed', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? null,
    pace: paceOf(options),
  }
}

/** `-p 127.0.0.1` took the target for the ports. */
function noTargets(options: Options): string {
  const [ports = '', resume] = [textOption(options, 'ports'), textOption(options, 'resume')]
  const files = listOption(options, 'targetsFile')
  if (files.length > 0) return `there is no target in ${files.map(nameOf).join(' and ')}`
  if (resume !== undefined)
    return `${resume} is not there to go on with; name what to scan, and the state is kept in it`
  return /[.:].*[.:]/.test(ports) && !/^[TU]:/i.test(ports)
    ? `-p took ${ports} for the ports, and no target is left: write -p PORTS ${ports}`
    : 'name what to scan: an address, a block, a range or a host name, such as portolan scan 127.0.0.1'
}

/** Throws UsageError with every error, under the name of the option. */
export function targetsOf(specs: readonly string[], what: string): Targets {
  const parsed = parseTargets(specs, { pointer: `/${what}` })
  if (!parsed.ok) throw new UsageError(listed(what, parsed.errors))
  return parsed.targets
}

const SHOWN = 10

function listed(what: string, errors: readonly SpecError[]): string {
  const lines = errors.slice(0, SHOWN).map((error) => `  ${describeSpecError(error)}`)
  if (errors.length > SHOWN) lines.push(`  and ${errors.length - SHOWN} more`)
  return `${what} cannot be understood:\n${lines.join('\n')}`
}

export function portsOf(options: Options): PortSet {
  const [udp, tcp] = [flagOption(options, 'udp'), flagOption(options, 'tcp')]
  const usual = udp ? (tcp ? 'T:top:1000,U:top:100' : 'top:100') : 'top:1000'
  const exclude = textOption(options, 'excludePorts')
  const parsed = parsePorts(textOption(options, 'ports') ?? usual, {
    book: PORT_BOOK,
    transport: udp ? (tcp ? 'both' : 'udp') : 'tcp',
    ...(exclude === undefined ? {} : { exclude }),
  })
  if (!parsed.ok) throw new UsageError(listed('ports', parsed.errors))
  return parsed.ports
}

function servicesOf(options: Options): ScanOptions['services'] {
  // Commander turns --no-services into `services: false`.
  if (options.services === false) return null
  return choiceOption(options, 'services', ['light', 'default', 'all'] as const) ?? 'default'
}

function paceOf(options: Options): ScanOptions['pace'] {
  const rate = rateOption(options, 'rate')
  const perHostRate = rateOption(options, 'perHostRate')
  const retries = numberOption(options, 'retries', { least: 0, most: 20 })
  const timeout = numberOption(options, 'timeout', { least: 1, most: 600_000, unit: 'milliseconds' })
  const sourceAddress = textOption(options, 'sourceAddress')
  const name = textOption(options, 'interface')
  return {
    ...(rate !== undefined && { rate }),
    ...(perHostRate !== undefined && { perHostRate }),
    ...(retries !== undefined && { retries }),
    ...(timeout !== undefined && { timeout }),
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(name !== undefined && { interface: name }),
  }
}
