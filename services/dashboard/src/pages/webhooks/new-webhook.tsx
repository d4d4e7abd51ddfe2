import { type FormEvent, useState } from 'react'
import { api, faultOf, type Schemas } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Check, Input, Select } from '../../ui/field.tsx'
import { FormButtons } from '../../ui/form-buttons.tsx'
import { Secret } from '../../ui/secret.tsx'

type Kind = NonNullable<Schemas['CreateWebhook']['kind']>

const KINDS: readonly (readonly [Kind, string])[] = [
  ['webhook', 'A program (signed)'],
  ['slack', 'Slack'],
  ['teams', 'Teams'],
  ['discord', 'Discord'],
  ['email', 'Mail'],
]
const EVENTS = ['change.*', 'finding.*', 'scan.*', 'schedule.*'] as const
type EventName = (typeof EVENTS)[number]

export function NewWebhook({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('')
  const [kind, setKind] = useState<Kind>('webhook')
  const [url, setUrl] = useState('')
  const [events, setEvents] = useState<readonly EventName[]>(['change.*', 'finding.*'])
  const create = useAct(() =>
    api.POST('/v1/webhooks', { body: { name: name.trim(), kind, url: url.trim(), events: [...events] } }),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined)
  }
  if (create.data) return <Secret title="Its signing secret" secret={create.data.secret} onClose={onClose} />
  const turn = (one: EventName) =>
    setEvents(events.includes(one) ? events.filter((other) => other !== one) : [...events, one])
  const fault = (field: string) => faultOf(create.error, field)
  return (
    <Dialog title="New webhook" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <Input
          label="Name"
          required
          value={name}
          wrong={fault('name')}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label="Kind"
          value={kind}
          choices={KINDS}
          onChange={(event) => setKind(KINDS.find(([one]) => one === event.target.value)?.[0] ?? 'webhook')}
        />
        <Input
          label={kind === 'email' ? 'Address (mailto:…)' : 'URL'}
          required
          value={url}
          wrong={fault('url')}
          onChange={(event) => setUrl(event.target.value)}
        />
        <Events chosen={events} wrong={fault('events')} onTurn={turn} />
        <FormButtons verb="Make it" isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

type EventsProps = {
  readonly chosen: readonly EventName[]
  readonly wrong: string | null
  readonly onTurn: (one: EventName) => void
}

const Events = ({ chosen, wrong, onTurn }: EventsProps) => (
  <fieldset>
    <legend className="label">Events</legend>
    {EVENTS.map((one) => (
      <Check key={one} label={one} checked={chosen.includes(one)} onChange={() => onTurn(one)} />
    ))}
    {wrong && <p className="wrong">{wrong}</p>}
  </fieldset>
)
