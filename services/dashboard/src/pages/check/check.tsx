import { type FormEvent, useState } from 'react'
import { api, faultOf, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct } from '../../api/use-read.ts'
import { useQueryFields } from '../../app/router.ts'
import { StateBadge } from '../../ui/badge.tsx'
import { Input, Select } from '../../ui/field.tsx'
import { NotAllowed } from '../../ui/not-allowed.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Failure } from '../../ui/states.tsx'

type Place = { readonly host: string; readonly port: string; readonly transport: 'tcp' | 'udp' }

/** “Can you see me?”: one port, asked now. */
export function CheckPage() {
  const mayScan = useMay('scan')
  const [fields] = useQueryFields()
  const [place, setPlace] = useState<Place>({
    host: fields.get('host') ?? '',
    port: fields.get('port') ?? '443',
    transport: 'tcp',
  })
  const check = useAct(() => {
    const { host, port, transport } = place
    const where = host.trim() === '' ? {} : { host: host.trim() }
    return api.POST('/v1/check', { body: { ...where, port: Number(port), transport, service: true } })
  })
  if (!mayScan) return <NotAllowed title="Check a port" to="check ports" needed="scan" />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    check.mutate(undefined)
  }
  return (
    <Page title="Check a port" below="Can the service see it, and if not, why?">
      <div className="grid-2">
        <Card title="What to look at">
          <form className="form" onSubmit={submit}>
            <Where place={place} fault={(field) => faultOf(check.error, field)} onChange={setPlace} />
            <div className="actions">
              <button type="submit" className="button primary" disabled={check.isPending}>
                {check.isPending ? 'Looking…' : 'Check it'}
              </button>
            </div>
          </form>
        </Card>
        {check.error ? <Failure error={check.error} /> : check.data ? <Answer of={check.data} /> : null}
      </div>
    </Page>
  )
}

type WhereProps = {
  readonly place: Place
  readonly fault: (field: string) => string | null
  readonly onChange: (place: Place) => void
}

function Where({ place, fault, onChange }: WhereProps) {
  return (
    <>
      <Input
        label="Host"
        value={place.host}
        wrong={fault('host')}
        hint="An address or a name; empty: you, as the service sees you"
        onChange={(event) => onChange({ ...place, host: event.target.value })}
      />
      <div className="form-row">
        <Input
          label="Port"
          required
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          value={place.port}
          wrong={fault('port')}
          onChange={(event) => onChange({ ...place, port: event.target.value })}
        />
        <Select
          label="Transport"
          value={place.transport}
          choices={[
            ['tcp', 'TCP'],
            ['udp', 'UDP'],
          ]}
          onChange={(event) => onChange({ ...place, transport: event.target.value === 'udp' ? 'udp' : 'tcp' })}
        />
      </div>
    </>
  )
}

function Answer({ of }: { readonly of: Schemas['Check'] }) {
  return (
    <div className="stack" aria-live="polite">
      {of.results.map(({ ip, state, service, meaning, tryNext, rtt }) => (
        <Card key={ip} title={`${ip}, port ${of.port}`} actions={<StateBadge of={state} />}>
          <div className="stack">
            <p>{meaning}</p>
            {service?.product && (
              <p>
                <SafeText>{[service.product, service.version, service.info].filter(Boolean).join(' ')}</SafeText>
              </p>
            )}
            {rtt !== null && <p className="quiet small">Answered after {rtt.toFixed(1)} ms</p>}
            {tryNext.length > 0 && (
              <>
                <h3>What to try</h3>
                <ul className="bullets">
                  {tryNext.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
        </Card>
      ))}
    </div>
  )
}
