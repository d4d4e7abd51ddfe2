import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { StateBadge } from '../../ui/badge.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Evidence } from '../../ui/evidence.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Moment } from '../../ui/moment.tsx'
import { many, placeOf } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { ChangeTimeline } from '../changes/change-timeline.tsx'

type Endpoint = Schemas['Endpoint']

const columns = (onOpen: (one: Endpoint) => void): readonly Column<Endpoint>[] => [
  {
    name: 'Port',
    numeric: true,
    cell: ({ port, transport }) => <Link href={`/ports/${port}`}>{`${port}/${transport}`}</Link>,
  },
  { name: 'State', fit: true, cell: ({ state }) => <StateBadge of={state} /> },
  { name: 'Service', cell: ({ service }) => <SafeText>{service}</SafeText> },
  {
    name: 'Product',
    cell: ({ product, version, info }) => <SafeText>{[product, version, info].filter(Boolean).join(' ')}</SafeText>,
  },
  { name: 'From', fit: true, cell: ({ vantage }) => vantage },
  { name: 'First seen', fit: true, cell: ({ firstSeen }) => <Moment at={firstSeen} /> },
  { name: 'Last seen', fit: true, cell: ({ lastSeen }) => <Moment at={lastSeen} /> },
  {
    name: 'More',
    fit: true,
    cell: (one) => (
      <button
        type="button"
        className="button small"
        aria-label={`History of ${placeOf(one)} from ${one.vantage}`}
        onClick={() => onOpen(one)}
      >
        History
      </button>
    ),
  },
]

export function EndpointList({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  const [opened, setOpened] = useState<Endpoint | null>(null)
  return (
    <Card title={many(endpoints.length, 'endpoint')} flush>
      <Table label="Endpoints" columns={columns(setOpened)} rows={endpoints} keyOf={({ id }) => id} />
      {opened && (
        <Dialog title={placeOf(opened)} wide onClose={() => setOpened(null)}>
          <History endpoint={opened} onClose={() => setOpened(null)} />
        </Dialog>
      )}
    </Card>
  )
}

function History({ endpoint, onClose }: { readonly endpoint: Endpoint; readonly onClose: () => void }) {
  const { id, banner, cpe, vendor, os, device, hostname, info, flaps } = endpoint
  const history = useRead(['history', id], () =>
    api.GET('/v1/endpoints/{id}/history', { params: { path: { id }, query: { limit: 200 } } }),
  )
  return (
    <div className="stack">
      <Facts title="Known" of={{ vendor, os, device, hostname, info, cpe, 'came and went within a day': flaps }} />
      {banner && <Evidence text={banner} bytes={null} />}
      <h3>Changes</h3>
      <Ready of={history}>
        {({ items }) =>
          items.length > 0 ? <ChangeTimeline changes={items} /> : <Empty title="It has never changed" />
        }
      </Ready>
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  )
}
