import { api, type Schemas } from '../../api/client.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { useQueryFields } from '../../app/router.ts'
import { Badge } from '../../ui/badge.tsx'
import { Check } from '../../ui/field.tsx'
import { Moment } from '../../ui/moment.tsx'
import { count, hostPath, many } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { type RowColumn, Rows } from '../../ui/rows.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'

type Host = Schemas['Host']

const COLUMNS: readonly RowColumn<Host>[] = [
  {
    name: 'Address',
    width: 'minmax(140px, 1.2fr)',
    cell: ({ ip }) => (
      <Link className="mono" href={hostPath(ip)}>
        {ip}
      </Link>
    ),
  },
  {
    name: 'Names',
    width: 'minmax(140px, 2fr)',
    cell: ({ names, hostnames }) => <SafeText>{[...new Set([...names, ...hostnames])].join(', ')}</SafeText>,
  },
  {
    name: 'Tags',
    width: 'minmax(80px, 1fr)',
    cell: ({ tags }) => tags.map((tag) => <Badge key={tag}>{tag}</Badge>),
  },
  { name: 'System', width: 'minmax(90px, 1fr)', cell: ({ os }) => <SafeText>{os.join(', ')}</SafeText> },
  {
    name: 'Open',
    width: '110px',
    numeric: true,
    cell: ({ open, allPortsOpen }) => (allPortsOpen ? <Badge tone="warn">everything</Badge> : count(open)),
  },
  { name: 'From', width: 'minmax(80px, 1fr)', cell: ({ vantages }) => vantages.join(', ') },
  { name: 'Changed', width: '110px', numeric: true, cell: ({ lastChanged }) => <Moment at={lastChanged} brief /> },
]

export function Hosts() {
  const [fields, setFields] = useQueryFields()
  const net = fields.get('net') ?? ''
  const all = fields.get('all') === '1'
  const query = { limit: 1000, ...(net && { net }), ...(!all && { open: true }) }
  const hosts = useList<Host>(['hosts', query], (cursor) =>
    api.GET('/v1/hosts', { params: { query: { ...query, cursor } } }),
  )
  const more = hosts.hasNextPage && !hosts.isFetchingNextPage ? hosts.fetchNextPage : undefined
  const filters = (
    <div className="row">
      <input
        className="input inline-select filter"
        type="search"
        aria-label="Network"
        placeholder="net: 10.0.0.0/8"
        defaultValue={net}
        onKeyDown={(event) => event.key === 'Enter' && setFields({ net: event.currentTarget.value.trim() })}
        onBlur={(event) => setFields({ net: event.target.value.trim() })}
      />
      <Check
        label="also without open ports"
        checked={all}
        onChange={(event) => setFields({ all: event.target.checked ? '1' : null })}
      />
    </div>
  )
  const title =
    hosts.items.length > 0 ? many(hosts.items.length, 'host') + (hosts.hasNextPage ? ' so far' : '') : 'Hosts'
  return (
    <Page title="Hosts">
      <Card title={title} flush actions={filters}>
        <Ready of={hosts} tall>
          {() => (
            <Rows
              label="Hosts"
              columns={COLUMNS}
              rows={hosts.items}
              keyOf={({ ip }) => ip}
              onEnd={more}
              empty={<Empty title="No host is known here">Scan something, or take the filter out.</Empty>}
            />
          )}
        </Ready>
      </Card>
    </Page>
  )
}
