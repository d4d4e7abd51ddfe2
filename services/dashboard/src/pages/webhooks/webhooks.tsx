import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { NotAllowed } from '../../ui/not-allowed.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { NewWebhook } from './new-webhook.tsx'

type Webhook = Schemas['Webhook']

const COLUMNS: readonly Column<Webhook>[] = [
  { name: 'Webhook', cell: ({ id, name }) => <Link href={`/webhooks/${id}`}>{name}</Link> },
  { name: 'Kind', fit: true, cell: ({ kind }) => kind },
  { name: 'Goes to', cell: ({ url }) => <SafeText>{url}</SafeText> },
  { name: 'Events', cell: ({ events }) => events.join(', ') },
  {
    name: 'State',
    fit: true,
    cell: ({ enabled, failures }) =>
      enabled ? (
        <Badge tone={failures > 0 ? 'warn' : 'good'}>{failures > 0 ? `${failures} failures` : 'on'}</Badge>
      ) : (
        <Badge>off</Badge>
      ),
  },
]

export function Webhooks() {
  const mayManage = useMay('manage')
  if (!mayManage) return <NotAllowed title="Webhooks" to="see webhooks" needed="manage" />
  return <Shown />
}

function Shown() {
  const [isMaking, setMaking] = useState(false)
  const webhooks = useList<Webhook>(['webhooks'], (cursor) =>
    api.GET('/v1/webhooks', { params: { query: { limit: 100, cursor } } }),
  )
  const make = (
    <button type="button" className="button primary" onClick={() => setMaking(true)}>
      New webhook
    </button>
  )
  return (
    <Page title="Webhooks" actions={make}>
      <Card title="Who is told" flush>
        <Ready of={webhooks}>
          {() =>
            webhooks.items.length > 0 ? (
              <Table label="Webhooks" columns={COLUMNS} rows={webhooks.items} keyOf={({ id }) => id} />
            ) : (
              <Empty title="Nobody is told yet">Send changes and findings to a program, a chat or a mailbox.</Empty>
            )
          }
        </Ready>
      </Card>
      {isMaking && <NewWebhook onClose={() => setMaking(false)} />}
    </Page>
  )
}
