/** Link-local addresses (RFC 4291 section 2.5.6): on every link each may be another host. */
import { formatAddress } from '#core/target/address.ts'
import { type AddressSet, addressAt, intersect, spanOfCidr } from '#core/target/address-set.ts'
import { LocalTrouble, type ScanTask } from './engine.ts'

const LINK_LOCAL: AddressSet = {
  spans: [spanOfCidr({ address: { family: 6, value: 0xfe80n << 112n }, prefix: 10 })],
}

/** Throws LocalTrouble when one of `addresses` needs an interface to mean anything and none is named. */
export function checkLinkLocal(addresses: AddressSet, { interface: name }: Pick<ScanTask, 'interface'>): void {
  const [span] = name === undefined ? intersect(addresses, LINK_LOCAL).spans : []
  if (span === undefined) return
  const ip = formatAddress(addressAt(span.first))
  throw new LocalTrouble('NO_INTERFACE', `${ip} may be on any link: name the interface it is meant on (--interface)`)
}
