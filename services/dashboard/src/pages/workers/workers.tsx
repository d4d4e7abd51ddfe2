import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useRead } from '../../api/use-read.ts'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'

type Worker = Schemas['Worker']

/** `syn, ipv6, ...`: what is there, and what has a value. */
const said = (record: Readonly<Record<string, unknown>> | null) =>
  Object.entries(record ?? {})
    .filter(([, value]) => value !== false && value !== null)
    .map(([name, value]) =>
      value === true ? name : `${name} ${Array.isArray(value) ? value.join(' ') : String(value)}`,
    )
    .join(', ')

const COLUMNS: readonly Column<Worker>[] = [
  { name: 'Worker', cell: ({ name }) => <SafeText>{name}</SafeText> },
  { name: 'Vantage', fit: true, cell: ({ vantage }) => vantage },
  {
    name: 'State',
    fit: true,
    cell: ({ alive }) => <Badge tone={alive ? 'good' : 'bad'}>{alive ? 'alive' : 'silent'}</Badge>,
  },
  { name: 'Heard', fit: true, cell: ({ heartbeatAt }) => <Moment at={heartbeatAt} /> },
  { name: 'Can', cell: ({ capabilities }) => <SafeText>{said(capabilities)}</SafeText> },
  { name: 'Load', cell: ({ load }) => <SafeText>{said(load)}</SafeText> },
  { name: 'Version', fit: true, cell: ({ version }) => version },
  { name: 'Since', fit: true, cell: ({ startedAt }) => <Moment at={startedAt} /> },
]

export function Workers() {
  const isAdmin = useMay('admin')
  // Another page of the service, not of this program.
  const queues = isAdmin && (
    <a className="button" href="/admin/queues">
      Look into the queues
    </a>
  )
  const workers = useRead(['workers'], () => api.GET('/v1/workers'), { every: 5_000 })
  return (
    <Page title="Workers" actions={queues}>
      <Card title="Where scans run" flush>
        <Ready of={workers}>
          {({ items }) =>
            items.length > 0 ? (
              <Table label="Workers" columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
            ) : (
              <Empty title="No worker has reported">Start one with “portolan worker --vantage NAME”.</Empty>
            )
          }
        </Ready>
      </Card>
    </Page>
  )
}
