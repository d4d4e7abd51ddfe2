import { type FormEvent, useState } from 'react'
import { api, faultOf, type Schemas } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Input, Select } from '../../ui/field.tsx'
import { FormButtons } from '../../ui/form-buttons.tsx'
import { Secret } from '../../ui/secret.tsx'

type Right = Schemas['Key']['scopes'][number]

const RIGHTS: readonly (readonly [Right, string])[] = [
  ['read', 'read: see everything'],
  ['scan', 'scan: and start scans'],
  ['manage', 'manage: and policies, findings, webhooks'],
  ['admin', 'admin: and keys and scopes'],
]

type Form = { readonly name: string; readonly right: Right; readonly limits: string; readonly until: string }

function keyOf({ name, right, limits, until }: Form): Schemas['CreateKey'] {
  const targetLimits = limits.split(/[\s,]+/).filter((one) => one !== '')
  const expiresAt = until === '' ? null : new Date(until).toISOString()
  return { name: name.trim(), scopes: [right], targetLimits, expiresAt }
}

export function NewKey({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('')
  const [right, setRight] = useState<Right>('read')
  const [limits, setLimits] = useState('')
  const [until, setUntil] = useState('')
  const create = useAct(() => api.POST('/v1/keys', { body: keyOf({ name, right, limits, until }) }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined)
  }
  if (create.data)
    return <Secret title={`The key “${create.data.name}”`} secret={create.data.token} onClose={onClose} />
  const fault = (field: string) => faultOf(create.error, field)
  return (
    <Dialog title="New key" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <Input
          label="Name"
          required
          value={name}
          wrong={fault('name')}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label="May"
          value={right}
          choices={RIGHTS}
          onChange={(event) => setRight(RIGHTS.find(([one]) => one === event.target.value)?.[0] ?? 'read')}
        />
        <Input
          label="Only these networks"
          className="mono"
          value={limits}
          wrong={fault('targetLimits')}
          hint="Empty: whatever is in scope"
          onChange={(event) => setLimits(event.target.value)}
        />
        <Input
          label="Until"
          type="date"
          value={until}
          wrong={fault('expiresAt')}
          hint="Empty: for good"
          onChange={(event) => setUntil(event.target.value)}
        />
        <FormButtons verb="Make it" isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}
