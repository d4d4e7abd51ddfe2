/** What a scan found, as a table whose filters are in the address bar. */
import { useMemo, useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { useQueryFields } from '../../app/router.ts'
import { StateBadge } from '../../ui/badge.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { hostPath, many, placeOf } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { type RowColumn, Rows } from '../../ui/rows.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { ResultEvidence } from './result-evidence.tsx'
import { FILTERS, ResultFilters } from './result-filters.tsx'

type Result = Schemas['Result']

const columnsFor = (onOpen: (one: Result) => void): readonly RowColumn<Result>[] => [
  {
    name: 'Address',
    width: 'minmax(150px, 1.2fr)',
    cell: (one) => (
      <Link className="mono" href={hostPath(one.ip)}>
        {one.ip}
      </Link>
    ),
  },
  { name: 'Port', width: '90px', numeric: true, cell: (one) => `${one.port}/${one.transport}` },
  { name: 'State', width: '100px', fit: true, cell: (one) => <StateBadge of={one.state} /> },
  {
    name: 'Service',
    width: 'minmax(90px, 1fr)',
    cell: (one) => <SafeText>{one.service?.name ?? one.detection}</SafeText>,
  },
  {
    name: 'Product',
    width: 'minmax(140px, 2fr)',
    cell: (one) => <SafeText>{[one.service?.product, one.service?.version].filter(Boolean).join(' ')}</SafeText>,
  },
  { name: 'RTT', width: '80px', numeric: true, cell: (one) => (one.rtt === null ? '–' : `${one.rtt.toFixed(1)} ms`) },
  {
    name: 'Evidence',
    width: '90px',
    fit: true,
    cell: (one) => (
      <button
        type="button"
        className="button small"
        aria-label={`Show the evidence for ${placeOf(one)}`}
        onClick={() => onOpen(one)}
      >
        Show
      </button>
    ),
  },
]

type ResultTableProps = { readonly id: string; readonly version: string; readonly isLive: boolean }

export function ResultTable({ id, version, isLive }: ResultTableProps) {
  const [fields] = useQueryFields()
  const [opened, setOpened] = useState<Result | null>(null)
  const columns = useMemo(() => columnsFor(setOpened), [])
  const given = Object.fromEntries(FILTERS.flatMap((name) => (fields.get(name) ? [[name, fields.get(name)]] : [])))
  // because the service checks what was typed, and says what is wrong with it
  const query = { limit: 1000, ...given } as { limit: number }
  const results = useList(
    ['results', id, given, version],
    (cursor) => api.GET('/v1/scans/{id}/results', { params: { path: { id }, query: { ...query, cursor } } }),
    isLive ? 5_000 : undefined,
  )
  const loadMore = results.hasNextPage && !results.isFetchingNextPage ? results.fetchNextPage : undefined
  const nothing = (
    <Empty title={Object.keys(given).length > 0 ? 'Nothing matches these filters' : 'No open port'}>
      {isLive
        ? 'Ports appear here as they are found.'
        : 'Only open ports are kept unless the scan was asked to record all.'}
    </Empty>
  )
  return (
    <Card
      title={results.items.length > 0 ? many(results.items.length, 'result') : 'Results'}
      flush
      actions={<ResultFilters />}
    >
      <Ready of={results} tall>
        {() => (
          <Rows
            label="Results"
            columns={columns}
            rows={results.items}
            keyOf={(one) => `${one.vantage} ${placeOf(one)}`}
            onEnd={loadMore}
            empty={nothing}
          />
        )}
      </Ready>
      {opened && (
        <Dialog title={placeOf(opened)} wide onClose={() => setOpened(null)}>
          <ResultEvidence id={id} result={opened} onClose={() => setOpened(null)} />
        </Dialog>
      )}
    </Card>
  )
}
