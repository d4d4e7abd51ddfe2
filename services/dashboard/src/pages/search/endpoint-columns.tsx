import type { Schemas } from '../../api/client.ts'
import { Link } from '../../app/link.tsx'
import { StateBadge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { hostPath } from '../../ui/numbers.ts'
import type { RowColumn } from '../../ui/rows.tsx'
import { SafeText } from '../../ui/safe-text.tsx'

type Endpoint = Schemas['Endpoint']

export const ENDPOINT_COLUMNS: readonly RowColumn<Endpoint>[] = [
  {
    name: 'Address',
    width: 'minmax(112px, 1fr)',
    cell: ({ ip }) => (
      <Link className="mono" href={hostPath(ip)}>
        {ip}
      </Link>
    ),
  },
  { name: 'Port', width: '72px', numeric: true, cell: ({ port, transport }) => `${port}/${transport}` },
  { name: 'State', width: '68px', fit: true, cell: ({ state }) => <StateBadge of={state} /> },
  { name: 'Service', width: 'minmax(56px, 0.8fr)', cell: ({ service }) => <SafeText>{service}</SafeText> },
  {
    name: 'Product',
    width: 'minmax(130px, 2fr)',
    cell: ({ product, version }) => <SafeText>{[product, version].filter(Boolean).join(' ')}</SafeText>,
  },
  { name: 'From', width: 'minmax(80px, 0.8fr)', cell: ({ vantage }) => vantage },
  { name: 'Changed', width: '100px', numeric: true, cell: ({ lastChanged }) => <Moment at={lastChanged} brief /> },
]
