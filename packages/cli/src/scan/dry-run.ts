/** What a scan would do, without sending anything. */
import { once } from 'node:events'
import { formatAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, addressesOf, sizeOf } from '@portolan/core/target/address-set.ts'
import { countPorts, formatPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import { duration, grouped } from './numbers.ts'
import { countAll } from './plan-scan.ts'

export type DryRun = {
  readonly addresses: AddressSet
  readonly ports: PortSet
  readonly engines: readonly string[]
  readonly rate: number | null
  readonly unresolved: readonly string[]
}

export function dryRun({ addresses, ports, engines, rate, unresolved }: DryRun, asJson: boolean): string {
  const probes = countAll(addresses, ports)
  const seconds = rate === null ? null : Number(probes) / rate
  if (asJson) {
    const counts = { addresses: String(sizeOf(addresses)), probes: String(probes), ports: formatPorts(ports) }
    return `${JSON.stringify({ ...counts, engines, estimatedSeconds: seconds, unresolved })}\n`
  }
  const rows = [
    ['Addresses', grouped(sizeOf(addresses))],
    ['Ports', portsText(ports)],
    ['Probes', grouped(probes)],
    ['Engine', engines.join(', ')],
    [
      'Duration',
      seconds === null
        ? 'as fast as the path carries'
        : `about ${duration(seconds * 1000)} at ${rate} probes per second`,
    ],
    ...unresolved.map((name) => ['No address', name]),
  ]
  return rows.map(([name = '', value = '']) => `${name.padEnd(12)}${value}\n`).join('')
}

/** Characters of the list: nobody reads the thousand commonest ports. */
const LISTED = 60

function portsText(ports: PortSet): string {
  const text = formatPorts(ports)
  const count = countPorts(ports.tcp) + countPorts(ports.udp)
  if (text.length <= LISTED) return text
  return `${grouped(count)}: ${text.slice(0, text.lastIndexOf(',', LISTED))} ... (all of them: --format json)`
}

/** Prints every address, one a line, however many there are. */
export async function listAddresses({ spans }: AddressSet): Promise<void> {
  let text = ''
  for (const span of spans)
    for (const address of addressesOf(span)) {
      text += `${formatAddress(address)}\n`
      if (text.length < 65_536) continue
      if (!process.stdout.write(text)) await once(process.stdout, 'drain')
      text = ''
    }
  process.stdout.write(text)
}
