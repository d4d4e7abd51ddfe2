import type { Schemas } from '../../api/client.ts'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Card } from '../../ui/page.tsx'
import { Table } from '../../ui/table.tsx'

type Endpoint = Schemas['Endpoint']

const DAY = 86_400_000

export function Certificates({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  const shown = endpoints.filter(({ certificate }) => certificate !== null)
  if (shown.length === 0) return null
  return (
    <Card title="Certificates" flush>
      <Table label="Certificates" columns={COLUMNS} rows={shown} keyOf={({ id }) => id} />
    </Card>
  )
}

function Expiry({ notAfter }: { readonly notAfter: string | null }) {
  if (notAfter === null) return <Badge>unknown</Badge>
  const left = (Date.parse(notAfter) - Date.now()) / DAY
  return (
    <>
      <Moment at={notAfter} />{' '}
      {left < 0 ? <Badge tone="bad">expired</Badge> : left < 30 ? <Badge tone="warn">soon</Badge> : null}
    </>
  )
}

const COLUMNS = [
  { name: 'Port', numeric: true, cell: ({ port, transport }: Endpoint) => `${port}/${transport}` },
  { name: 'From', fit: true, cell: ({ vantage }: Endpoint) => vantage },
  { name: 'Expires', cell: ({ certificate }: Endpoint) => <Expiry notAfter={certificate?.notAfter ?? null} /> },
  { name: 'SHA-256', cell: ({ certificate }: Endpoint) => <code>{certificate?.sha256}</code> },
] as const
