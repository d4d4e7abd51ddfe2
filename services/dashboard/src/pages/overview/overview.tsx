import { api } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { ChangeTimeline } from '../changes/change-timeline.tsx'
import { ExposureChart } from './exposure-chart.tsx'
import { FindingTiles } from './finding-tiles.tsx'
import { totalOf, useOpenNow } from './open-now.ts'
import { RunningScans } from './running-scans.tsx'
import { ScheduleHealth } from './schedule-health.tsx'
import { Tile } from './tile.tsx'
import { WorkerHealth } from './worker-health.tsx'

export function Overview() {
  const mayScan = useMay('scan')
  const action = mayScan && (
    <Link className="button primary" href="/scans/new">
      New scan
    </Link>
  )
  return (
    <Page title="Overview" actions={action}>
      <div className="grid-tiles">
        <ExposedTiles />
        <FindingTiles />
      </div>
      <div className="grid-2 panels">
        <Card title="Open endpoints, last 14 days">
          <ExposureChart />
        </Card>
        <RunningScans />
      </div>
      <div className="grid-2 panels low">
        <LatestChanges />
        <div className="stack">
          <ScheduleHealth />
          <WorkerHealth />
        </div>
      </div>
    </Page>
  )
}

function ExposedTiles() {
  const open = useOpenNow()
  const facets = open.data?.facets
  const more = facets?.complete === false ? '+' : ''
  return (
    <>
      <Tile href="/search?q=state:open" name="open endpoints" value={totalOf(facets)} more={more} />
      <Tile href="/hosts" name="exposed hosts" value={facets?.hosts} more={more} />
    </>
  )
}

function LatestChanges() {
  const query = { limit: 15, order: 'newest' } as const
  const changes = useRead(['overview', 'changes'], () => api.GET('/v1/changes', { params: { query } }), {
    every: 5_000,
  })
  return (
    <Card title="Latest changes" flush actions={<Link href="/changes">All changes</Link>}>
      <Ready of={changes}>
        {({ items }) =>
          items.length > 0 ? (
            <ChangeTimeline changes={items} />
          ) : (
            <Empty title="Nothing has changed yet">Changes appear once the same targets have been scanned twice.</Empty>
          )
        }
      </Ready>
    </Card>
  )
}
