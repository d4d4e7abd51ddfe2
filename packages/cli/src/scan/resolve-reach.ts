import { lookup } from 'node:dns/promises'
import { type Address, formatAddress, parseAddress } from '@portolan/core/target/address.ts'
import type { AddressSet } from '@portolan/core/target/address-set.ts'
import { resolveTargets } from '@portolan/core/target/target-spec.ts'
import { hasRoute } from './has-route.ts'
import type { ScanOptions } from './scan-options.ts'

/** Where to: names resolved once, every address pinned. */
export type Reach = {
  readonly addresses: AddressSet
  /** The name the user asked for, by address. */
  readonly names: ReadonlyMap<string, string>
  readonly unresolved: readonly string[]
  /** Those of the unresolved of which no name server said whether they have an address. */
  readonly unanswered: readonly string[]
  /** Addresses of names that were left out, because this machine has no route to them and to others it has. */
  readonly routeless: readonly string[]
}

/** What the name servers say of one name. */
type Answer = {
  readonly addresses: readonly Address[]
  readonly unanswered?: boolean
  readonly routeless?: readonly Address[]
}

/** `onlyRouted`: half of the world has IPv6 addresses, and not every machine has a way to them. */
export async function resolveReach(
  { targets, exclude, families }: ScanOptions,
  { onlyRouted = false } = {},
): Promise<Reach> {
  const wanted = new Set([...targets.names, ...exclude.names].map(({ name }) => name))
  const answers = new Map<string, Answer>()
  await Promise.all(
    Array.from(wanted, async (name) => {
      const answer = await answerTo(name, families)
      answers.set(name, onlyRouted ? await routed(answer) : answer)
    }),
  )
  const found = new Map([...answers].map(([name, { addresses }]) => [name, addresses] as const))
  const { addresses, unresolved } = resolveTargets({ targets, exclude, answers: found })
  const names = new Map<string, string>()
  for (const { name, prefix } of targets.names)
    for (const address of found.get(name) ?? []) if (prefix === null) names.set(formatAddress(address), name)
  const unanswered = unresolved.filter((name) => answers.get(name)?.unanswered)
  const routeless = [...answers].flatMap(([name, { routeless = [] }]) =>
    routeless.map((address) => `${formatAddress(address)} of ${name}`),
  )
  return { addresses, names, unresolved, unanswered, routeless }
}

/** In words, with what to do. */
export const whyUnresolved = (name: string, { unanswered }: Pick<Reach, 'unanswered'>): string =>
  unanswered.includes(name)
    ? `no name server says what the address of ${name} is: portolan doctor asks each of them`
    : `${name} does not resolve to an address: check the spelling, and that the name server has it`

async function answerTo(name: string, families: readonly (4 | 6)[]): Promise<Answer> {
  try {
    const found = await lookup(name, { all: true })
    const addresses = found
      .map(({ address }) => parseAddress(address.replace(/%.*/, '')))
      .flatMap((parsed) => (parsed.ok && families.includes(parsed.value.family) ? [parsed.value] : []))
    return { addresses }
  } catch (error) {
    return { addresses: [], unanswered: error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN' }
  }
}

/** A name none of whose addresses can be reached keeps them all: that is trouble worth telling. */
async function routed(answer: Answer): Promise<Answer> {
  const { addresses } = answer
  if (addresses.length < 2) return answer
  const ways = await Promise.all(addresses.map((address) => hasRoute(formatAddress(address))))
  const kept = addresses.filter((_, i) => ways[i])
  return kept.length === 0 ? answer : { addresses: kept, routeless: addresses.filter((_, i) => !ways[i]) }
}
