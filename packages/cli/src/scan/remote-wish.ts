/** What is asked of a service, from what was typed, and what it would do. */
import type { Schemas } from '@portolan/client/client.ts'
import { clean } from '@portolan/core/detect/text.ts'
import { formatPorts } from '@portolan/core/target/port-set.ts'
import type { Options } from '../command-spec.ts'
import { flagOption, placesOption } from '../read-options.ts'
import { wrapped } from '../wrapped.ts'
import { duration, grouped } from './numbers.ts'
import type { ScanOptions } from './scan-options.ts'

export function wishOf({ written, ports, engine, services, pace }: ScanOptions, options: Options) {
  const from = placesOption(options)
  return {
    targets: [...written.targets],
    exclude: [...written.exclude],
    ports: formatPorts(ports),
    engine,
    services: services === null ? false : services === 'default' ? true : services,
    ...limitsOf(pace),
    ...(from.length > 0 && { vantages: [...from] }),
    record: flagOption(options, 'all') ? ('all' as const) : ('open' as const),
  }
}

const limitsOf = ({ rate, perHostRate }: ScanOptions['pace']) => ({
  ...(typeof rate === 'number' && { rate: Math.max(1, Math.round(rate)) }),
  ...(typeof perHostRate === 'number' && { perHostRate: Math.max(1, Math.round(perHostRate)) }),
})

/** What the service would do. `width`: of the lines for people; null: for programs, as JSON. */
export function planText(plan: Schemas['ScanPlan'], width: number | null): string {
  if (width === null) return `${JSON.stringify(plan)}\n`
  const rows = [
    ['Addresses', grouped(plan.hosts)],
    ['Ports', `${grouped(plan.ports.tcp + plan.ports.udp)} an address`],
    ['Probes', grouped(plan.probes)],
    ['Duration', `about ${duration(plan.estimatedSeconds * 1000)}`],
    ...plan.resolved.map(({ name, addresses }) => ['Name', `${name}: ${addresses.join(', ') || 'no address'}`]),
    ...plan.refused.map(({ target, detail }) => ['Refused', `${target}: ${detail}`]),
    ['Accepted', plan.accepted ? 'yes' : 'no'],
  ]
  const line = ([name = '', value = '']: readonly string[]) =>
    wrapped(`${name.padEnd(12)}${clean(value, 500)}`, width, 12)
  return rows.map((row) => `${line(row)}\n`).join('')
}
