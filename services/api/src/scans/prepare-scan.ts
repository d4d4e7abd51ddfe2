/**
 * From the text of a request to the addresses and ports to probe: parse, resolve once, leave out, check against the
 * scope. Everything a request can have wrong with its targets is found here, before anything is written.
 */
import { type Address, formatAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, isEmpty, sizeOf } from '@portolan/core/target/address-set.ts'
import type { SpecError } from '@portolan/core/target/parsed.ts'
import { countPorts, formatPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import { type PortBook, parsePorts } from '@portolan/core/target/port-spec.ts'
import { parseTargets, resolveTargets, type Targets } from '@portolan/core/target/target-spec.ts'
import { type FieldError, Problem } from '../http/problem.ts'
import { type Bounds, judgeTargets } from './judge-targets.ts'
import { MOST_RANGES } from './pinned-ranges.ts'
import { type Answers, type Resolve, resolveNames } from './resolve-names.ts'
import type { Refused, ScanRequest } from './schema.ts'

export interface PreparedScan {
  readonly addresses: AddressSet
  readonly ports: PortSet
  /** Canonical port spec. */
  readonly portText: string
  readonly hosts: bigint
  readonly probes: bigint
  /** Addresses of the names in `targets`. */
  readonly answers: Answers
  /** Left out of `addresses`; when `fatal`, the scan must not start. */
  readonly refused: readonly Refused[]
  readonly fatal: Problem | null
}

export interface PrepareOptions {
  readonly bounds: Bounds
  readonly book: PortBook
  readonly resolve: Resolve
  /** A scan that asks for more is refused: it is a slip of the hand, and would keep the workers for months. */
  readonly maxProbes: number
}

/** IPv6 addresses a scan may probe without knowing that anybody is there: a /112 takes minutes, a /64 centuries. */
const BLIND_IPV6 = 65_536n

/** Throws a Problem for what no scope could cure; what the scope refuses comes back in `refused` and `fatal`. */
export async function prepareScan(
  request: ScanRequest,
  { bounds, book, resolve, maxProbes }: PrepareOptions,
): Promise<PreparedScan> {
  const { targets, exclude, ports } = parse(request, book)
  const answers = await resolveNames([...targets.names, ...exclude.names], resolve)
  const { addresses, unresolved } = resolveTargets({ targets, exclude, answers })
  if (unresolved.length > 0) throw unresolvable(request, unresolved)
  if (isEmpty(addresses)) throw new Problem('nothing-to-scan', 'the exclusions cover every target')
  const { allowed, refused, fatal } = judgeTargets({ specs: request.targets, addresses, answers, bounds })
  refuseBlind(allowed, request.discovery)
  const perHost = countPorts(ports.tcp) + countPorts(ports.udp)
  const hosts = sizeOf(allowed)
  const probes = hosts * BigInt(perHost) * BigInt(request.vantages.length)
  if (probes > BigInt(Number.MAX_SAFE_INTEGER))
    throw new Problem('too-large', `${probes} probes are more than a scan can number`)
  // Of a discovery nobody knows yet how many addresses are worth their ports.
  refuseEndless(request.discovery ? hosts * BigInt(request.vantages.length) : probes, maxProbes)
  return { addresses: allowed, ports, portText: formatPorts(ports), hosts, probes, answers, refused, fatal }
}

function parse(request: ScanRequest, book: PortBook): { targets: Targets; exclude: Targets; ports: PortSet } {
  const targets = parseTargets(request.targets, { pointer: '/targets', mostRanges: MOST_RANGES })
  const exclude = parseTargets(request.exclude, { pointer: '/exclude', mostRanges: MOST_RANGES })
  const ports = parsePorts(request.ports, { book })
  if (targets.ok && exclude.ok && ports.ok)
    return { targets: targets.targets, exclude: exclude.targets, ports: ports.ports }
  const errors = [targets, exclude, ports].flatMap((result) => (result.ok ? [] : result.errors))
  throw new Problem('validation', sayFlaw(errors[0]), { errors: errors.slice(0, 50).map(fieldError) })
}

const sayFlaw = (error: SpecError | undefined) =>
  error ? `${error.pointer.slice(1)}: ${error.problem}; ${error.fix}` : 'invalid'

const fieldError = ({ pointer, problem, position, fix }: SpecError): FieldError => ({
  in: 'body',
  pointer: `#${pointer}`,
  detail: `${problem} (at character ${position + 1}); ${fix}`,
})

function unresolvable({ targets, exclude }: ScanRequest, names: readonly string[]): Problem {
  const find = (list: readonly string[], field: string): FieldError[] =>
    list.flatMap((spec, i) => {
      const parsed = parseTargets([spec])
      const name = parsed.ok ? parsed.targets.names[0]?.name : undefined
      if (name === undefined || !names.includes(name)) return []
      return [{ in: 'body', pointer: `#/${field}/${i}`, detail: `no address for ${name}; check the spelling` }]
    })
  const errors = [...find(targets, 'targets'), ...find(exclude, 'exclude')]
  return new Problem('unresolvable-name', `no address for ${names.slice(0, 5).join(', ')}`, { errors })
}

function refuseEndless(probes: bigint, most: number): void {
  if (probes <= BigInt(most)) return
  const [asked, allowed] = [probes, most].map((count) => count.toLocaleString('en'))
  throw new Problem('too-large', `this asks for ${asked} probes, and a scan may ask for ${allowed} here`, {
    errors: [{ in: 'body', pointer: '#/targets', detail: 'give fewer addresses or ports, or set discovery to true' }],
  })
}

function refuseBlind(addresses: AddressSet, discovery: boolean): void {
  if (discovery) return
  const v6 = sizeOf({ spans: addresses.spans.filter(({ first }) => first >= 1n << 128n) })
  if (v6 <= BLIND_IPV6) return
  throw new Problem('discovery-required', `${v6} IPv6 addresses are too many to probe blindly`, {
    errors: [{ in: 'body', pointer: '#/discovery', detail: 'set discovery to true, or name the addresses you know' }],
  })
}

/** Names and addresses for people. */
export function describeAnswers(answers: Answers): { name: string; addresses: string[] }[] {
  return [...answers].map(([name, found]: [string, readonly Address[]]) => ({
    name,
    addresses: found.map(formatAddress),
  }))
}
