import { type Address, parseAddress } from '@portolan/core/target/address.ts'
import type { NameTarget } from '@portolan/core/target/target-spec.ts'
import { Problem } from '../http/problem.ts'

/** Every A and AAAA of a name, as text; empty when it has none. Rejects when nobody could be asked. */
export type Resolve = (name: string) => Promise<readonly string[]>

export type Answers = ReadonlyMap<string, readonly Address[]>

/** Resolved while the client waits, so they are few; a longer list of names is a list of scans. */
const MOST_NAMES = 1_000
const AT_ONCE = 16

/** Asks once per name. What does not look like an address in an answer (a zone id, say) is left out. */
export async function resolveNames(names: readonly NameTarget[], resolve: Resolve): Promise<Answers> {
  const wanted = [...new Set(names.map(({ name }) => name))]
  if (wanted.length > MOST_NAMES)
    throw new Problem('validation', `targets: ${wanted.length} host names; a scan takes up to ${MOST_NAMES}`)
  const answers = new Map<string, readonly Address[]>()
  const queue = wanted.values()
  const work = async () => {
    for (const name of queue) {
      const found = await resolve(name)
      answers.set(
        name,
        found.flatMap((text) => {
          const address = parseAddress(text)
          return address.ok ? [address.value] : []
        }),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return answers
}
