import type { Schemas } from '../api/client.ts'

type Tone = 'good' | 'bad' | 'warn' | 'high' | 'critical' | 'medium' | 'low' | 'accent' | ''

export function Badge({ tone = '', children }: { readonly tone?: Tone; readonly children: string }) {
  return <span className={`badge ${tone}`}>{children}</span>
}

type Severity = Schemas['Finding']['severity']
const SEVERITY: Readonly<Record<Severity, Tone>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: '',
}

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

export const SeverityBadge = ({ of }: { readonly of: Severity }) => <Badge tone={SEVERITY[of]}>{of}</Badge>

type ScanStatus = Schemas['Scan']['status']
const SCAN: Partial<Record<ScanStatus, Tone>> = {
  completed: 'good',
  failed: 'bad',
  partial: 'warn',
  paused: 'warn',
  running: 'accent',
  finishing: 'accent',
  planning: 'accent',
}

export const ScanBadge = ({ of }: { readonly of: ScanStatus }) => <Badge tone={SCAN[of] ?? ''}>{of}</Badge>

const STATE: Readonly<Record<string, Tone>> = { open: 'accent', closed: '', filtered: 'warn' }

export const StateBadge = ({ of }: { readonly of: string }) => <Badge tone={STATE[of] ?? ''}>{of}</Badge>
