import { lookup } from 'node:dns/promises'
import { type Address, formatAddress, parseAddress } from '@portolan/core/target/address.ts'
import {
  type AddressSet,
  addressAt,
  addressesOf,
  formatSpan,
  intersect,
  isEmpty,
  pointOf,
  type Span,
  subtract,
} from '@portolan/core/target/address-set.ts'
import { resolveTargets } from '@portolan/core/target/target-spec.ts'
import { hasRoute } from './has-route.ts'
import { listed } from './report.ts'
import { routedBlocks } from './routed-blocks.ts'
import type { ScanOptions } from './scan-options.ts'

/** Where to: names resolved once, every address pinned. */
export type Reach = {
  readonly addresses: AddressSet
  /** The name the user asked for, by address. */
  readonly names: ReadonlyMap<string, string>
  readonly unresolved: readonly string[]
  /** Those of the unresolved of which no name server said whether they have an address. */
  readonly unanswered: readonly string[]
  /** Those of the unresolved that have addresses, but of the other family alone. */
  readonly otherFamily: readonly string[]
  /** Addresses that were left out, because this machine has no route to them; each with its name, if it was named. */
  readonly routeless: readonly string[]
}

/** What the name servers say of one name. */
type Answer = {
  readonly addresses: readonly Address[]
  readonly unanswered?: boolean
  readonly otherFamily?: boolean
}

/** `onlyRouted`: half of the world has IPv6 addresses, and not every machine has a way to them. */
export async function resolveReach(
  { targets, exclude, families }: ScanOptions,
  { onlyRouted = false } = {},
): Promise<Reach> {
  const wanted = new Set([...targets.names, ...exclude.names].map(({ name }) => name))
  const answers = new Map<string, Answer>()
  await Promise.all(Array.from(wanted, async (name) => answers.set(name, await answerTo(name, families))))
  const found = new Map([...answers].map(([name, { addresses }]) => [name, addresses] as const))
  const { addresses, unresolved } = resolveTargets({ targets, exclude, answers: found })
  const names = new Map<string, string>()
  for (const { name, prefix } of targets.names)
    for (const address of found.get(name) ?? []) if (prefix === null) names.set(formatAddress(address), name)
  const unanswered = unresolved.filter((name) => answers.get(name)?.unanswered)
  const otherFamily = unresolved.filter((name) => answers.get(name)?.otherFamily)
  const lost = onlyRouted ? await withoutRoute(addresses) : []
  const routeless = lost.map((span) => {
    const name = names.get(formatSpan(span))
    return `${formatSpan(span)}${name === undefined ? '' : ` of ${name}`}`
  })
  return { addresses: subtract(addresses, { spans: lost }), names, unresolved, unanswered, otherFamily, routeless }
}

/** So many addresses are looked at one by one before a scan begins, and larger blocks as a whole. */
const MOST = 256

/** Those that this machine knows no way to, whether of a name or in a row: whoever waits for one waits for nothing. */
async function withoutRoute({ spans }: AddressSet): Promise<readonly Span[]> {
  const isFew = ({ first, last }: Span) => last - first < MOST
  const few = spans
    .filter(isFew)
    .slice(0, MOST)
    .flatMap((span) => [...addressesOf(span)])
  const asked = few.filter((address) => !isLoopback(address)).slice(0, MOST)
  const ways = await Promise.all(asked.map((address) => hasRoute(formatAddress(address))))
  const lost = asked.filter((_, i) => !ways[i]).map((address) => ({ first: pointOf(address), last: pointOf(address) }))
  return [...lost, ...(await blocksWithoutRoute(spans.filter((span) => !isFew(span))))]
}

/** What the table does not know, and the ends of which policy routing knows nothing of, either. */
async function blocksWithoutRoute(blocks: readonly Span[]): Promise<readonly Span[]> {
  const outside = blocks.slice(0, MOST).filter(({ first }) => !isLoopback(addressAt(first)))
  const routed = outside.length === 0 ? null : await routedBlocks()
  if (routed === null) return []
  const strangers = outside.filter((span) => isEmpty(intersect({ spans: [span] }, routed)))
  const ends = strangers.map(({ first, last }) =>
    [first, last].map((point) => hasRoute(formatAddress(addressAt(point)))),
  )
  const ways = await Promise.all(ends.map((asked) => Promise.all(asked)))
  return strangers.filter((_, i) => !ways[i]?.includes(true))
}

/** Every machine has a way to itself; asking would only take time. */
const isLoopback = ({ family, value }: Address) => (family === 4 ? value >>> 24 === 127 : value === 1n)

/** In words, with what to do. */
export function whyUnresolved(name: string, reach: Pick<Reach, 'unanswered' | 'otherFamily'>): string {
  if (reach.unanswered.includes(name))
    return `no name server says what the address of ${name} is: portolan doctor asks each of them`
  return reach.otherFamily.includes(name)
    ? `${name} has addresses, but none of the family that -4 or -6 asks for`
    : `${name} does not resolve to an address: check the spelling, and that the name server has it`
}

/** What will not be scanned, and why. */
export const leftOut = (reach: Reach): readonly string[] => [
  ...reach.unresolved.map((name) => `${whyUnresolved(name, reach)}; it is left out`),
  ...(reach.routeless.length > 0 ? [`no route from this machine to ${listed(reach.routeless)}: left out`] : []),
]

async function answerTo(name: string, families: readonly (4 | 6)[]): Promise<Answer> {
  try {
    const found = await lookup(name, { all: true })
    const addresses = found
      .map(({ address }) => parseAddress(address.replace(/%.*/, '')))
      .flatMap((parsed) => (parsed.ok && families.includes(parsed.value.family) ? [parsed.value] : []))
    return { addresses, otherFamily: addresses.length < found.length }
  } catch (error) {
    return { addresses: [], unanswered: error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN' }
  }
}
