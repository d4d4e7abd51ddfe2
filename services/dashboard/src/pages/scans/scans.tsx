import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { useQueryFields } from '../../app/router.ts'
import { ScanBadge } from '../../ui/badge.tsx'
import { Choose } from '../../ui/field.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { count } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { titleOf } from './scan-title.ts'

type Scan = Schemas['Scan']

const STATUSES = [
  'queued',
  'planning',
  'running',
  'paused',
  'finishing',
  'completed',
  'partial',
  'failed',
  'cancelled',
] as const

const COLUMNS: readonly Column<Scan>[] = [
  {
    name: 'Scan',
    cell: (scan) => (
      <>
        <Link href={`/scans/${scan.id}`}>{titleOf(scan)}</Link>
        <div className="quiet small">ports {scan.ports.slice(0, 60)}</div>
      </>
    ),
  },
  { name: 'Status', fit: true, cell: (scan) => <ScanBadge of={scan.status} /> },
  { name: 'Done', numeric: true, cell: (scan) => `${Math.floor(scan.progress.percent)} %` },
  { name: 'Open', numeric: true, cell: (scan) => count(scan.progress.open) },
  { name: 'Hosts', numeric: true, cell: (scan) => count(scan.hosts) },
  { name: 'Probes', numeric: true, cell: (scan) => count(scan.probes) },
  { name: 'Started', fit: true, cell: (scan) => <Moment at={scan.createdAt} /> },
]

export function Scans() {
  const mayScan = useMay('scan')
  const [fields, setFields] = useQueryFields()
  const status = STATUSES.find((one) => one === fields.get('status'))
  const scans = useList(
    ['scans', 'list', status],
    (cursor) =>
      api.GET('/v1/scans', { params: { query: { limit: 100, cursor, ...(status && { status: [status] }) } } }),
    4_000,
  )
  const start = mayScan && (
    <Link className="button primary" href="/scans/new">
      New scan
    </Link>
  )
  const choose = (
    <Choose
      label="Status"
      value={status ?? ''}
      choices={[['', 'Any status'], ...STATUSES.map((one) => [one, one] as const)]}
      onChange={(event) => setFields({ status: event.target.value })}
    />
  )
  return (
    <Page title="Scans" actions={start}>
      <Card title="Newest first" flush actions={choose}>
        <Ready of={scans}>
          {() =>
            scans.items.length > 0 ? (
              <Table label="Scans" columns={COLUMNS} rows={scans.items} keyOf={(scan) => scan.id} />
            ) : (
              <Empty title={status ? `No scan is ${status}` : 'Nothing has been scanned yet'} action={start} />
            )
          }
        </Ready>
        <More of={scans} />
      </Card>
    </Page>
  )
}
