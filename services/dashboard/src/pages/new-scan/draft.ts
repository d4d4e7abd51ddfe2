/** What is typed into the form, and the request that it makes. */
import type { Schemas } from '../../api/client.ts'

export type Draft = {
  readonly targets: string
  readonly exclude: string
  readonly ports: string
  readonly services: string
  readonly rate: string
  readonly perHostRate: string
  readonly vantages: string
  readonly discovery: boolean
  readonly label: string
}

export const EMPTY: Draft = {
  targets: '127.0.0.1',
  exclude: '',
  ports: 'top:1000',
  services: 'true',
  rate: '',
  perHostRate: '',
  vantages: '',
  discovery: false,
  label: '',
}

/** Ports people ask for, by name. */
export const PROFILES = [
  ['top:100', 'Quick: the 100 most used ports'],
  ['top:1000', 'Usual: the 1,000 most used ports'],
  ['-', 'Thorough: every TCP port'],
  ['top:1000,U:53,67,123,137,161,500,1900,5353', 'Usual, and some UDP'],
] as const

const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '')
const wholeNumber = (text: string) => (text.trim() === '' ? {} : { n: Number(text) })

export function requestOf(draft: Draft): Schemas['StartScan'] {
  const { n: rate } = wholeNumber(draft.rate)
  const { n: perHostRate } = wholeNumber(draft.perHostRate)
  const vantages = words(draft.vantages)
  const services =
    draft.services === 'true' ? true : draft.services === 'false' ? false : draft.services === 'all' ? 'all' : 'light'
  return {
    targets: words(draft.targets),
    exclude: words(draft.exclude),
    ports: draft.ports.trim(),
    services,
    discovery: draft.discovery,
    ...(rate !== undefined && { rate }),
    ...(perHostRate !== undefined && { perHostRate }),
    ...(vantages.length > 0 && { vantages }),
    ...(draft.label.trim() !== '' && { label: draft.label.trim() }),
  }
}

export function draftOf(scan: Schemas['Scan']): Draft {
  return {
    targets: scan.targets.join('\n'),
    exclude: scan.exclude.join('\n'),
    ports: scan.ports,
    services: String(scan.services),
    rate: scan.rate === null ? '' : String(scan.rate),
    perHostRate: scan.perHostRate === null ? '' : String(scan.perHostRate),
    vantages: scan.vantages.join(', '),
    discovery: scan.discovery,
    label: scan.label ?? '',
  }
}
