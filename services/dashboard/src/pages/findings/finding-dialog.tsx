import { type FormEvent, useState } from 'react'
import { api, faultOf, type Schemas } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Input, Select, TextArea } from '../../ui/field.tsx'
import { FormButtons } from '../../ui/form-buttons.tsx'
import { placeOf } from '../../ui/numbers.ts'

export type Deed = 'acknowledge' | 'snooze' | 'assign' | 'comment'

const DAY = 86_400_000
const TITLE: Readonly<Record<Deed, string>> = {
  acknowledge: 'Acknowledge',
  snooze: 'Snooze',
  assign: 'Assign',
  comment: 'Comment on',
}

type FindingDialogProps = { readonly deed: Deed; readonly finding: Schemas['Finding']; readonly onClose: () => void }

export function FindingDialog({ deed, finding, onClose }: FindingDialogProps) {
  const [text, setText] = useState(deed === 'assign' ? (finding.assignee ?? '') : '')
  const [days, setDays] = useState('7')
  const params = { path: { id: finding.id } }
  const act = useAct(
    async () => {
      const until = new Date(Date.now() + Number(days) * DAY).toISOString()
      const answer = await send(params, { deed, text: text.trim(), until })
      onClose()
      return answer
    },
    `${placeOf(finding.endpoint)}: done`,
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    act.mutate(undefined)
  }
  const field = deed === 'assign' ? 'assignee' : deed === 'comment' ? 'text' : 'reason'
  return (
    <Dialog title={`${TITLE[deed]} ${placeOf(finding.endpoint)}`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        {/* First, because a dialog gives the focus to its first control: whoever presses a key goes on typing. */}
        <Said deed={deed} text={text} wrong={faultOf(act.error, field)} onChange={setText} />
        {deed === 'snooze' && <HowLong days={days} onChange={setDays} />}
        <FormButtons verb={TITLE[deed].split(' ', 1).join('')} isPending={act.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

const LENGTHS = [
  ['1', 'a day'],
  ['7', 'a week'],
  ['30', '30 days'],
  ['90', '90 days'],
] as const

const HowLong = ({ days, onChange }: { readonly days: string; readonly onChange: (days: string) => void }) => (
  <Select label="For" value={days} choices={LENGTHS} onChange={(event) => onChange(event.target.value)} />
)

type SaidProps = {
  readonly deed: Deed
  readonly text: string
  readonly wrong: string | null
  readonly onChange: (text: string) => void
}

function Said({ deed, text, wrong, onChange }: SaidProps) {
  const change = (event: { readonly target: { readonly value: string } }) => onChange(event.target.value)
  if (deed === 'assign') return <Input label="To" value={text} wrong={wrong} hint="Empty: nobody" onChange={change} />
  const label = deed === 'comment' ? 'Comment' : 'Reason'
  return <TextArea label={label} required rows={3} value={text} wrong={wrong} onChange={change} />
}

type Sent = { readonly deed: Deed; readonly text: string; readonly until: string }

function send(params: { readonly path: { readonly id: string } }, { deed, text, until }: Sent) {
  if (deed === 'acknowledge') return api.POST('/v1/findings/{id}/acknowledge', { params, body: { reason: text } })
  if (deed === 'snooze') return api.POST('/v1/findings/{id}/snooze', { params, body: { reason: text, until } })
  if (deed === 'assign') return api.POST('/v1/findings/{id}/assign', { params, body: { assignee: text || null } })
  return api.POST('/v1/findings/{id}/comment', { params, body: { text } })
}
