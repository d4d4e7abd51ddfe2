/** What a project calls its hosts: the names they were scanned under, and the tags somebody gave to their addresses. */
import { parseAddress } from '#core/target/address.ts'
import { type AddressSet, contains } from '#core/target/address-set.ts'

/** Asked by an address in canonical text form. */
export interface HostLabels {
  /** In lower case, without a trailing dot. */
  namesOf(ip: string): readonly string[]
  tagsOf(ip: string): readonly string[]
}

export type NamedAddresses = { readonly name: string; readonly addresses: readonly string[] }
export type Tag = { readonly name: string; readonly addresses: AddressSet }

/** Several names may lead to one address, and one name to several. */
export function createHostLabels(names: Iterable<NamedAddresses>, tags: readonly Tag[]): HostLabels {
  const namesByAddress = new Map<string, string[]>()
  for (const { name, addresses } of names)
    for (const ip of addresses) {
      const known = namesByAddress.get(ip)
      if (known) known.push(name)
      else namesByAddress.set(ip, [name])
    }
  // A policy of many rules asks for the same address again and again.
  const tagsByAddress = new Map<string, readonly string[]>()
  return {
    namesOf: (ip) => namesByAddress.get(ip) ?? [],
    tagsOf(ip) {
      const known = tagsByAddress.get(ip)
      if (known) return known
      const found = tagsAt(ip, tags)
      tagsByAddress.set(ip, found)
      return found
    },
  }
}

function tagsAt(ip: string, tags: readonly Tag[]): string[] {
  const address = parseAddress(ip)
  if (!address.ok) return []
  return tags.filter(({ addresses }) => contains(addresses, address.value)).map(({ name }) => name)
}
