/**
 * The state of a scan in a file, to go on from: a line of JSON with what is scanned and how far it has come, then a line
 * an endpoint found. Rewritten whole and renamed into place, so that a crash leaves the older state, never half of one.
 */
import { access, constants, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { isFields, readEndpoint } from '@portolan/core/format/untrusted-record.ts'
import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { type AddressSet, formatSpan } from '@portolan/core/target/address-set.ts'
import { formatPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import { parseTargets } from '@portolan/core/target/target-spec.ts'
import { UsageError } from '../exit.ts'
import { fileTrouble } from '../file-trouble.ts'
import { NOTHING, type Totals } from './totals.ts'

export type Found = { readonly endpoint: EndpointRecord; readonly detected: boolean }

export type ScanState = {
  readonly addresses: AddressSet
  readonly names: ReadonlyMap<string, string>
  readonly ports: PortSet
  readonly seed: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly resolved: { readonly tcp: number; readonly udp: number }
  readonly totals: Totals
  readonly found: readonly Found[]
}

const FORMAT = 'portolan-scan-state-1'

export async function writeState(file: string, state: ScanState): Promise<void> {
  const { addresses, names, ports, found, ...rest } = state
  const head = {
    format: FORMAT,
    addresses: addresses.spans.map(formatSpan),
    names: [...names],
    ports: formatPorts(ports),
    ...rest,
  }
  const lines = [head, ...found].map((line) => JSON.stringify(line))
  await writeFile(`${file}.part`, `${lines.join('\n')}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
}

/** Null when there is no such file. Throws UsageError for one that is something else. */
export async function readState(file: string): Promise<ScanState | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const [first = '', ...lines] = text.trimEnd().split('\n')
  const state = stateOf(parsed(first))
  if (state === null) throw new UsageError(`${file} is not the state of a scan; remove it, or name another file`)
  return { ...state, found: lines.flatMap((line) => foundOf(parsed(line))) }
}

/** Throws UsageError when no state could be kept there, before the scan rather than in the middle of it. */
export async function checkStatePlace(file: string): Promise<void> {
  await access(path.dirname(file), constants.W_OK).catch((error) => {
    throw new UsageError(`${file} cannot be written: ${fileTrouble(error)}`)
  })
}

export async function removeState(file: string): Promise<void> {
  await rm(file, { force: true })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

function stateOf(head: unknown): Omit<ScanState, 'found'> | null {
  if (!isFields(head) || head.format !== FORMAT || !Array.isArray(head.addresses)) return null
  const { seed, startedAt, resolved, totals } = head
  const targets = parseTargets(head.addresses.map(String))
  const ports = parsePorts(String(head.ports), { book: PORT_BOOK })
  if (!targets.ok || !ports.ok || !isCount(seed) || !isCount(startedAt) || !isFields(resolved)) return null
  const { tcp, udp } = resolved
  if (!isCount(tcp) || !isCount(udp)) return null
  const pairs = Array.isArray(head.names) ? head.names.filter((pair) => Array.isArray(pair)) : []
  return {
    addresses: targets.targets.literal,
    names: new Map(pairs.map(([ip, name]) => [String(ip), String(name)])),
    ports: ports.ports,
    seed,
    startedAt,
    resolved: { tcp, udp },
    totals: totalsOf(totals),
  }
}

function totalsOf(value: unknown): Totals {
  if (!isFields(value) || !isFields(value.counts)) return NOTHING
  const number = (of: Readonly<Record<string, unknown>>, key: string) => (isNumber(of[key]) ? of[key] : 0)
  return {
    counts: {
      open: number(value.counts, 'open'),
      closed: number(value.counts, 'closed'),
      filtered: number(value.counts, 'filtered'),
      openFiltered: number(value.counts, 'openFiltered'),
    },
    sent: number(value, 'sent'),
    received: number(value, 'received'),
    milliseconds: number(value, 'milliseconds'),
    loss: number(value, 'loss'),
    recall: number(value, 'recall'),
  }
}

function foundOf(line: unknown): Found[] {
  if (!isFields(line) || !isFields(line.endpoint)) return []
  const endpoint = readEndpoint(line.endpoint)
  return typeof endpoint === 'string' ? [] : [{ endpoint, detected: line.detected === true }]
}
