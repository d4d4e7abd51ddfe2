import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useAct, useList, useRead } from '../../api/use-read.ts'
import { Badge } from '../../ui/badge.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { count } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'

type Delivery = Schemas['Delivery']
type Attempt = Schemas['DeliveryDetail']['log'][number]

const TONE = { pending: 'accent', held: 'warn', digested: '', delivered: 'good', failed: 'bad' } as const

const columns = (onOpen: (id: string) => void): readonly Column<Delivery>[] => [
  { name: 'When', fit: true, cell: ({ createdAt }) => <Moment at={createdAt} /> },
  { name: 'Event', fit: true, cell: ({ event }) => event },
  { name: 'What', cell: ({ text }) => <SafeText>{text}</SafeText> },
  { name: 'State', fit: true, cell: ({ state }) => <Badge tone={TONE[state]}>{state}</Badge> },
  { name: 'Tries', numeric: true, cell: ({ attempts }) => count(attempts) },
  {
    name: 'Log',
    fit: true,
    cell: ({ id, event }) => (
      <button
        type="button"
        className="button small"
        aria-label={`Open the log of ${event} ${id}`}
        onClick={() => onOpen(id)}
      >
        Open
      </button>
    ),
  },
]

export function Deliveries({ id }: { readonly id: string }) {
  const [opened, setOpened] = useState<string | null>(null)
  const deliveries = useList<Delivery>(
    ['deliveries', id],
    (cursor) => api.GET('/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: 50, cursor } } }),
    3_000,
  )
  return (
    <Card title="Deliveries" flush>
      <Ready of={deliveries}>
        {() =>
          deliveries.items.length > 0 ? (
            <Table label="Deliveries" columns={columns(setOpened)} rows={deliveries.items} keyOf={(one) => one.id} />
          ) : (
            <Empty title="Nothing has been sent yet">Send a test to see that it arrives.</Empty>
          )
        }
      </Ready>
      <More of={deliveries} />
      {opened && <Log id={id} deliveryId={opened} onClose={() => setOpened(null)} />}
    </Card>
  )
}

type LogProps = { readonly id: string; readonly deliveryId: string; readonly onClose: () => void }

const ATTEMPTS: readonly Column<Attempt>[] = [
  { name: 'At', fit: true, cell: ({ at }) => <Moment at={at} /> },
  { name: 'Answer', numeric: true, cell: ({ status }) => status ?? 'none' },
  { name: 'Took', numeric: true, cell: ({ durationMs }) => `${count(durationMs)} ms` },
  { name: 'Problem', cell: ({ error }) => <SafeText>{error}</SafeText> },
]

function Log({ id, deliveryId, onClose }: LogProps) {
  const params = { path: { id, deliveryId } }
  const delivery = useRead(
    ['delivery', deliveryId],
    () => api.GET('/v1/webhooks/{id}/deliveries/{deliveryId}', { params }),
    { every: 2_000 },
  )
  const again = useAct(
    () => api.POST('/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver', { params }),
    'It is sent once more',
  )
  return (
    <Dialog title="Delivery" wide onClose={onClose}>
      <div className="stack">
        <Ready of={delivery}>
          {({ log, payload }) => (
            <>
              <Table label="Attempts" columns={ATTEMPTS} rows={log} keyOf={({ at }) => at} />
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
              <pre className="evidence" tabIndex={0}>
                <SafeText>{JSON.stringify(payload, null, 1)}</SafeText>
              </pre>
            </>
          )}
        </Ready>
        <div className="actions">
          <button
            type="button"
            className="button primary"
            disabled={again.isPending}
            onClick={() => again.mutate(undefined)}
          >
            Send it again
          </button>
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
