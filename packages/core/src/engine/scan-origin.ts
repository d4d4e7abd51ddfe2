import { parseAddress } from '#core/target/address.ts'
import type { AddressSet } from '#core/target/address-set.ts'
import type { SocketOrigin } from './bound-socket.ts'
import { LocalTrouble, type ScanTask } from './engine.ts'
import { checkLinkLocal } from './link-local.ts'
import { toTarget } from './sockaddr.ts'

/** Where a task wants its probes to leave from. Throws LocalTrouble when that is no address, or says too little. */
export function originOf(task: Pick<ScanTask, 'sourceAddress' | 'interface'>, targets: AddressSet): SocketOrigin {
  checkLinkLocal(targets, task)
  const name = task.interface ?? null
  if (task.sourceAddress === undefined) return { address: null, interface: name }
  const parsed = parseAddress(task.sourceAddress)
  if (!parsed.ok) throw new LocalTrouble('EADDRNOTAVAIL', `${task.sourceAddress} is no address`)
  return { address: toTarget(parsed.value), interface: name }
}
