/** What a scan would do, without sending anything. */
import { once } from 'node:events'
import { formatAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, addressesOf, sizeOf } from '@portolan/core/target/address-set.ts'
import { countPorts, formatPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import { wrapped } from '../wrapped.ts'
import { duration, grouped } from './numbers.ts'
import { countAll } from './plan-scan.ts'

export type DryRun = {
  readonly addresses: AddressSet
  readonly ports: PortSet
  readonly engines: readonly string[]
  readonly rate: number | null
  readonly unresolved: readonly string[]
}

/** `width`: of the lines for people; null: for programs, as JSON. */
export function dryRun({ addresses, ports, engines, rate, unresolved }: DryRun, width: number | null): string {
  const probes = countAll(addresses, ports)
  const seconds = rate === null ? null : Number(probes) / rate
  if (width === null) {
    const counts = { addresses: String(sizeOf(addresses)), probes: String(probes), ports: formatPorts(ports) }
    return `${JSON.stringify({ ...counts, engines, estimatedSeconds: seconds, unresolved })}\n`
  }
  const rows = [
    ['Addresses', grouped(sizeOf(addresses))],
    ['Ports', portsText(ports, width)],
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
  return rows.map(([name = '', value = '']) => `${wrapped(`${name.padEnd(12)}${value}`, width, 12)}\n`).join('')
}

/** Characters of the list: nobody reads the thousand commonest ports. */
const LISTED = 60
/** Of their line, by their name and number. */
const TAKEN = 24

function portsText(ports: PortSet, width: number): string {
  const text = formatPorts(ports)
  const count = countPorts(ports.tcp) + countPorts(ports.udp)
  if (text.length <= Math.min(LISTED, width - TAKEN)) return text
  const few = text.slice(0, text.lastIndexOf(',', Math.min(LISTED, width - TAKEN)))
  return `${grouped(count)}: ${few} ... (all of them: --format json)`
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
