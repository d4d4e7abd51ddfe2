import { type FormEvent, useState } from 'react'
import { api, faultOf } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Input } from '../../ui/field.tsx'
import { FormButtons } from '../../ui/form-buttons.tsx'

export function AddScope() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button primary" onClick={() => setOpen(true)}>
        Allow a network
      </button>
      {isOpen && <ScopeForm onClose={() => setOpen(false)} />}
    </>
  )
}

function ScopeForm({ onClose }: { readonly onClose: () => void }) {
  const [form, setForm] = useState({ cidr: '', owner: '', reason: '', until: '' })
  const create = useAct(async () => {
    const { until, ...rest } = form
    const expiresAt = until === '' ? null : new Date(until).toISOString()
    const answer = await api.POST('/v1/scopes', { body: { ...rest, expiresAt } })
    onClose()
    return answer
  }, 'Allowed')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined)
  }
  const field = (name: keyof typeof form) => ({
    value: form[name],
    wrong: faultOf(create.error, name),
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setForm({ ...form, [name]: event.target.value }),
  })
  return (
    <Dialog title="Allow a network" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <Input label="Network" required className="mono" placeholder="10.0.0.0/24" {...field('cidr')} />
        <Input label="Owner" required hint="Who says that it may be scanned" {...field('owner')} />
        <Input label="Reason" required {...field('reason')} />
        <Input label="Until" type="date" hint="Empty: for good" {...field('until')} />
        <FormButtons verb="Allow it" isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}

export function AddDoNotScan() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button small" onClick={() => setOpen(true)}>
        Exclude a network
      </button>
      {isOpen && <DoNotScanForm onClose={() => setOpen(false)} />}
    </>
  )
}

function DoNotScanForm({ onClose }: { readonly onClose: () => void }) {
  const [cidr, setCidr] = useState('')
  const [reason, setReason] = useState('')
  const create = useAct(async () => {
    const answer = await api.POST('/v1/do-not-scan', { body: { cidr, reason } })
    onClose()
    return answer
  }, 'Excluded')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined)
  }
  return (
    <Dialog title="Never scan" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <Input
          label="Network"
          required
          className="mono"
          value={cidr}
          wrong={faultOf(create.error, 'cidr')}
          onChange={(event) => setCidr(event.target.value)}
        />
        <Input
          label="Reason"
          required
          value={reason}
          wrong={faultOf(create.error, 'reason')}
          onChange={(event) => setReason(event.target.value)}
        />
        <FormButtons verb="Exclude it" isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}
