import type { Schemas } from '@portolan/client/client.ts'
import type { Style } from '../terminal.ts'

export const placeText = ({ ip, port, transport }: { ip: string; port: number; transport: string }): string =>
  `${ip.includes(':') ? `[${ip}]` : ip}:${port}/${transport}`

type Named = { readonly service: string | null; readonly product: string | null; readonly version: string | null }

export const serviceText = ({ service, product, version }: Named): string =>
  [product ?? service, version].filter(Boolean).join(' ')

const SEVERITIES: Readonly<Record<Schemas['Finding']['severity'], Style>> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'dim',
  info: 'dim',
}
export const severityStyle = ({ severity }: Pick<Schemas['Finding'], 'severity'>): Style => SEVERITIES[severity]
