import { api } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Check, Input, Select, TextArea } from '../../ui/field.tsx'
import { type Draft, PROFILES } from './draft.ts'

type ScanFormProps = {
  readonly draft: Draft
  readonly fault: (field: string) => string | null
  readonly onChange: (change: Partial<Draft>) => void
}

export function ScanForm(props: ScanFormProps) {
  return (
    <div className="form">
      <Where {...props} />
      <How {...props} />
    </div>
  )
}

function Where({ draft, fault, onChange }: ScanFormProps) {
  const isProfile = PROFILES.some(([ports]) => ports === draft.ports)
  return (
    <>
      <TextArea
        label="Targets"
        className="mono"
        rows={4}
        value={draft.targets}
        wrong={fault('targets')}
        hint="Addresses, networks (10.0.0.0/24), ranges (10.0.0.1-9) or names; by space, comma or line."
        onChange={(event) => onChange({ targets: event.target.value })}
      />
      <Input
        label="Except"
        className="mono"
        value={draft.exclude}
        wrong={fault('exclude')}
        onChange={(event) => onChange({ exclude: event.target.value })}
      />
      <Select
        label="Profile"
        value={isProfile ? draft.ports : ''}
        choices={[...PROFILES, ...(isProfile ? [] : [['', 'My own ports'] as const])]}
        onChange={(event) => onChange({ ports: event.target.value })}
      />
      <Input
        label="Ports"
        className="mono"
        value={draft.ports}
        wrong={fault('ports')}
        hint="22,80,8000-8100 · top:100 · http,ssh · - for all · U:53 for UDP"
        onChange={(event) => onChange({ ports: event.target.value })}
      />
    </>
  )
}

function How({ draft, fault, onChange }: ScanFormProps) {
  const workers = useRead(['workers'], () => api.GET('/v1/workers'))
  const vantages = [...new Set((workers.data?.items ?? []).map(({ vantage }) => vantage))]
  return (
    <>
      <div className="form-row">
        <Select
          label="Services"
          value={draft.services}
          choices={[
            ['true', 'Identify'],
            ['light', 'Identify, lightly'],
            ['all', 'Identify, trying everything'],
            ['false', 'Only ports'],
          ]}
          onChange={(event) => onChange({ services: event.target.value })}
        />
        <Select
          label="From"
          value={draft.vantages}
          choices={[['', 'The usual vantage'], ...vantages.map((name) => [name, name] as const)]}
          wrong={fault('vantages')}
          onChange={(event) => onChange({ vantages: event.target.value })}
        />
      </div>
      <Rates draft={draft} fault={fault} onChange={onChange} />
      <Check
        label="Ask first which hosts are there"
        checked={draft.discovery}
        onChange={(event) => onChange({ discovery: event.target.checked })}
      />
      <Input
        label="Label"
        value={draft.label}
        wrong={fault('label')}
        onChange={(event) => onChange({ label: event.target.value })}
      />
    </>
  )
}

function Rates({ draft, fault, onChange }: ScanFormProps) {
  return (
    <div className="form-row">
      <Input
        label="Rate"
        inputMode="numeric"
        value={draft.rate}
        wrong={fault('rate')}
        hint="Probes a second; empty: as allowed"
        onChange={(event) => onChange({ rate: event.target.value })}
      />
      <Input
        label="Rate per host"
        inputMode="numeric"
        value={draft.perHostRate}
        wrong={fault('perHostRate')}
        hint="Probes a second"
        onChange={(event) => onChange({ perHostRate: event.target.value })}
      />
    </div>
  )
}
