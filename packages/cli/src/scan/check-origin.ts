/** Is what --source-address and --interface name there? Told before the scan, with what there is. */
import { createSocket } from 'node:dgram'
import { existsSync, readdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { parseAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, ALL_IPV4, ALL_IPV6, intersect, isEmpty } from '@portolan/core/target/address-set.ts'
import { UsageError } from '../exit.ts'
import type { ScanOptions } from './scan-options.ts'

const INTERFACES = '/sys/class/net'

/** Throws UsageError. */
export async function checkOrigin(
  { sourceAddress, interface: name }: ScanOptions['pace'],
  targets: AddressSet,
): Promise<void> {
  if (name !== undefined && existsSync(INTERFACES) && !existsSync(`${INTERFACES}/${name}`))
    throw new UsageError(`--interface: there is no ${name} here, but ${readdirSync(INTERFACES).join(', ')}`)
  if (sourceAddress === undefined) return
  const parsed = parseAddress(sourceAddress)
  if (!parsed.ok) throw new UsageError(`--source-address ${sourceAddress}: ${parsed.flaw.problem}; ${parsed.flaw.fix}`)
  const { family } = parsed.value
  if (isEmpty(intersect(targets, family === 4 ? ALL_IPV4 : ALL_IPV6)))
    throw new UsageError(`--source-address ${sourceAddress} is IPv${family}, and no target is`)
  if (!(await isOwn(sourceAddress, family)))
    throw new UsageError(
      `--source-address ${sourceAddress} is no address of this machine; it has ${ownAddresses(family)}`,
    )
}

/** The kernel knows of more addresses than the interfaces list, such as all of 127.0.0.0/8. */
async function isOwn(address: string, family: 4 | 6): Promise<boolean> {
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
  try {
    return await new Promise((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRNOTAVAIL'))
      socket.bind(0, address, () => resolve(true))
    })
  } finally {
    socket.close()
  }
}

const ownAddresses = (family: 4 | 6) =>
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .flatMap(({ address }) => (address.includes(':') === (family === 6) ? [address] : []))
    .join(', ') || `no IPv${family} address`
