import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { useQueryFields } from '../../app/router.ts'
import { ScanBadge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { ReadyPage } from '../../ui/ready-page.tsx'
import { Segments } from '../../ui/segments.tsx'
import { titleOf } from '../scans/scan-title.ts'
import { Compare } from './compare.tsx'
import { Exports } from './exports.tsx'
import { Matrix } from './matrix.tsx'
import { ResultTable } from './result-table.tsx'
import { ScanActions } from './scan-actions.tsx'
import { ScanFacts } from './scan-facts.tsx'
import { hasEnded, useScanFeed } from './scan-feed.ts'
import { ScanProgress } from './scan-progress.tsx'

export function ScanPage({ id = '' }: { readonly id?: string }) {
  const scan = useRead(['scan', id], () => api.GET('/v1/scans/{id}', { params: { path: { id } } }))
  return (
    <ReadyPage of={scan} title="Scan">
      {(found) => <Shown scan={found} />}
    </ReadyPage>
  )
}

const VIEWS = [
  ['table', 'Table'],
  ['matrix', 'Matrix'],
  ['compare', 'Compare'],
  ['about', 'About'],
] as const

function Shown({ scan }: { readonly scan: Schemas['Scan'] }) {
  const feed = useScanFeed(scan)
  const [fields, setFields] = useQueryFields()
  const view = fields.get('view') ?? 'table'
  const version = hasEnded(feed.status) ? 'end' : String(Math.floor(feed.found.length / 5))
  return (
    <Page
      title={titleOf(scan)}
      below={
        <>
          <ScanBadge of={feed.status} /> started <Moment at={scan.startedAt ?? scan.createdAt} />
        </>
      }
      actions={<ScanActions scan={scan} status={feed.status} />}
    >
      <ScanProgress scan={scan} feed={feed} />
      <div className="row apart">
        <Segments
          label="View"
          choices={VIEWS}
          value={view}
          onChange={(next) => setFields({ view: next === 'table' ? null : next })}
        />
        <Exports id={scan.id} />
      </div>
      {view === 'table' && <ResultTable id={scan.id} version={version} isLive={!hasEnded(feed.status)} />}
      {view === 'matrix' && <Matrix id={scan.id} version={version} />}
      {view === 'compare' && <Compare scan={scan} />}
      {view === 'about' && <ScanFacts scan={scan} />}
    </Page>
  )
}
