import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import type { KnowledgeFiles } from '@portolan/core/knowledge/load-knowledge.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { describeSpecError, type SpecError } from '@portolan/core/target/parsed.ts'
import type { PortSet } from '@portolan/core/target/port-set.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import { parseTargets, splitTargetText, splitTargetWord, type Targets } from '@portolan/core/target/target-spec.ts'
import type { Options } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { fileTrouble } from '../file-trouble.ts'
import { knowledgeFiles } from '../knowledge-options.ts'
import { choiceOption, flagOption, listOption, numberOption, rateOption, textOption } from '../read-options.ts'

/** What is asked for, checked; nothing resolved or opened yet. */
export type ScanOptions = {
  readonly targets: Targets
  readonly exclude: Targets
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

type Needs = { readonly targetsRequired: boolean }

export async function readScanOptions(
  words: readonly string[],
  options: Options,
  { targetsRequired }: Needs,
): Promise<ScanOptions> {
  const files = await specsOfFiles(listOption(options, 'targetsFile'))
  const given = [...words.flatMap(splitTargetWord), ...files]
  if (given.length === 0 && targetsRequired) throw new UsageError(noTargets(textOption(options, 'ports')))
  const loose = words.find((word) => /^\d{1,5}([,-]\d{1,5})*$/.test(word))
  if (loose !== undefined) throw new UsageError(`${loose} stands among the targets; ports are written -p ${loose}`)
  const excluded = [
    ...listOption(options, 'exclude').flatMap(splitTargetWord),
    ...(await specsOfFiles(listOption(options, 'excludeFile'))),
  ]
  const [v4, v6] = [flagOption(options, 'ipv4'), flagOption(options, 'ipv6')]
  return {
    targets: targetsOf(given, 'targets'),
    exclude: targetsOf(excluded, '--exclude'),
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
function noTargets(ports = ''): string {
  return /[.:].*[.:]/.test(ports) && !/^[TU]:/i.test(ports)
    ? `-p took ${ports} for the ports, and no target is left: write -p PORTS ${ports}`
    : 'name what to scan: an address, a block, a range or a host name, such as portolan scan 127.0.0.1'
}

/** Targets and exclusions as they were written, for a service that reads them itself. */
export async function scanSpecs(words: readonly string[], options: Options) {
  const spelled = async (given: readonly string[], files: string) => [
    ...given.flatMap(splitTargetWord),
    ...(await specsOfFiles(listOption(options, files))),
  ]
  return {
    targets: await spelled(words, 'targetsFile'),
    exclude: await spelled(listOption(options, 'exclude'), 'excludeFile'),
  }
}

async function specsOfFiles(files: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(
    files.map(async (file) => {
      try {
        return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8')
      } catch (error) {
        throw new UsageError(`${file} cannot be read: ${fileTrouble(error)}`)
      }
    }),
  )
  return texts.flatMap(splitTargetText)
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
  const timeout = numberOption(options, 'timeout', { least: 1, most: 600_000 })
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
