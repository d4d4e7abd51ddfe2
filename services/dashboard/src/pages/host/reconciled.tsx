/** What the host says it listens on, held against what was seen from outside. */
import type { Schemas } from '../../api/client.ts'
import { Badge, SeverityBadge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Card } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, type Reading, Ready } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'

type Row = Schemas['ExposureRow']

const TONE = { reachable: 'bad', filtered: 'good', local: 'good', elsewhere: 'warn', unasked: '' } as const

export function Reconciled({ exposure }: { readonly exposure: Reading<Schemas['HostExposure']> }) {
  return (
    <Card title="Listeners and reach" flush actions={<Reported at={exposure.data?.reportedAt ?? null} />}>
      <Ready of={exposure}>
        {({ rows, reportedAt }) =>
          rows.length > 0 ? (
            <Table
              label="Listeners and reach"
              columns={COLUMNS}
              rows={rows}
              keyOf={(row) => `${row.transport} ${row.port}`}
            />
          ) : (
            <Empty title={reportedAt ? 'It listens on nothing' : 'It has not said what it listens on'}>
              Run “portolan listeners --report” on it to see which process is behind each port.
            </Empty>
          )
        }
      </Ready>
    </Card>
  )
}

const Reported = ({ at }: { readonly at: string | null }) =>
  at && (
    <span className="quiet small">
      reported <Moment at={at} />
    </span>
  )

const COLUMNS = [
  { name: 'Port', numeric: true, cell: (row: Row) => `${row.port}/${row.transport}` },
  {
    name: 'Reach',
    cell: (row: Row) => (
      <>
        <Badge tone={TONE[row.exposure]}>{row.exposure}</Badge> <span className="small">{row.meaning}</span>
        {row.findings.map(({ id, severity }) => (
          <SeverityBadge key={id} of={severity} />
        ))}
      </>
    ),
  },
  {
    name: 'Process',
    cell: (row: Row) => (
      <SafeText>
        {row.listeners
          .map(({ process, unit, container, address }) =>
            [process ?? unit ?? container, address].filter(Boolean).join(' on '),
          )
          .join(', ')}
      </SafeText>
    ),
  },
] as const
