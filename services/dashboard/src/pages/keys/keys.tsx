import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct, useList } from '../../api/use-read.ts'
import { Badge } from '../../ui/badge.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { NotAllowed } from '../../ui/not-allowed.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { Secret } from '../../ui/secret.tsx'
import { Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { NewKey } from './new-key.tsx'

type Key = Schemas['Key']

const COLUMNS: readonly Column<Key>[] = [
  { name: 'Key', cell: ({ name }) => name },
  { name: 'Id', fit: true, cell: ({ publicId }) => <code>{publicId}</code> },
  { name: 'May', fit: true, cell: ({ scopes }) => scopes.join(', ') },
  {
    name: 'Only',
    cell: ({ targetLimits }) => targetLimits.join(', ') || <span className="quiet">whatever is in scope</span>,
  },
  { name: 'Last used', fit: true, cell: ({ lastUsedAt }) => <Moment at={lastUsedAt} otherwise="never" /> },
  { name: 'Until', fit: true, cell: ({ expiresAt }) => <Moment at={expiresAt} otherwise="for good" /> },
  { name: 'Actions', fit: true, cell: (key) => <KeyActions of={key} /> },
]

export function Keys() {
  const isAdmin = useMay('admin')
  if (!isAdmin) return <NotAllowed title="Keys" to="see keys" needed="admin" />
  return <Shown />
}

function Shown() {
  const [isMaking, setMaking] = useState(false)
  const keys = useList<Key>(['keys'], (cursor) => api.GET('/v1/keys', { params: { query: { limit: 100, cursor } } }))
  return (
    <Page
      title="Keys"
      actions={
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          New key
        </button>
      }
    >
      <Card title="Who may ask" flush>
        <Ready of={keys}>
          {() => <Table label="Keys" columns={COLUMNS} rows={keys.items} keyOf={({ id }) => id} />}
        </Ready>
        <More of={keys} />
      </Card>
      {isMaking && <NewKey onClose={() => setMaking(false)} />}
    </Page>
  )
}

function KeyActions({ of: { id, name, revokedAt } }: { readonly of: Key }) {
  const [isAsking, setAsking] = useState(false)
  const params = { path: { id } }
  const revoke = useAct(() => api.POST('/v1/keys/{id}/revoke', { params }), 'Revoked')
  const rotate = useAct(() => api.POST('/v1/keys/{id}/rotate', { params }))
  if (revokedAt) return <Badge tone="bad">revoked</Badge>
  return (
    <span className="row nowrap">
      <button type="button" className="button small" onClick={() => rotate.mutate(undefined)}>
        Rotate
      </button>
      <button type="button" className="button small danger" onClick={() => setAsking(true)}>
        Revoke
      </button>
      {rotate.data && <Secret title={`The new ${name}`} secret={rotate.data.token} onClose={rotate.reset} />}
      {isAsking && (
        <Confirm
          title={`Revoke ${name}?`}
          verb="Revoke it"
          onConfirm={() => revoke.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          Whoever uses it is refused from now on, and schedules saved with it stop.
        </Confirm>
      )}
    </span>
  )
}
