import type { Schemas } from '../../api/client.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { hostPath, placeOf } from '../../ui/numbers.ts'
import { Empty } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Difference, KIND } from '../changes/change-timeline.tsx'

type Diff = Schemas['ScanDiff']
type Line = Diff['opened'][number] & { readonly kind: Schemas['Change']['kind'] }

export function DiffTables({ diff }: { readonly diff: Diff }) {
  const lines: readonly Line[] = [
    ...diff.opened.map((one) => ({ ...one, kind: 'opened' as const })),
    ...diff.closed.map((one) => ({ ...one, kind: 'closed' as const })),
    ...diff.changed.flatMap((one) => one.kinds.map((kind) => ({ ...one, kind }))),
  ]
  if (lines.length === 0)
    return <Empty title="Nothing is different">Both scans saw the same, as far as both asked.</Empty>
  return (
    <Table
      label="Differences"
      columns={COLUMNS}
      rows={lines}
      keyOf={(one) => `${one.kind} ${one.endpoint.vantage} ${placeOf(one.endpoint)}`}
    />
  )
}

const TONE = { opened: 'bad', closed: 'good' } as const

const COLUMNS = [
  {
    name: 'Endpoint',
    fit: true,
    cell: (one: Line) => (
      <Link className="mono" href={hostPath(one.endpoint.ip)}>
        {placeOf(one.endpoint)}
      </Link>
    ),
  },
  {
    name: 'Change',
    fit: true,
    cell: (one: Line) => (
      <Badge tone={one.kind === 'opened' || one.kind === 'closed' ? TONE[one.kind] : 'warn'}>{KIND[one.kind]}</Badge>
    ),
  },
  { name: 'What', cell: (one: Line) => <Difference change={one} /> },
  { name: 'From', fit: true, cell: (one: Line) => one.endpoint.vantage },
] as const
