import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { ScanBadge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { count, duration } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { hasEnded, useScanFeed } from '../scan/scan-feed.ts'
import { titleOf } from '../scans/scan-title.ts'

type Scan = Schemas['Scan']

/** What runs now, then what ran last. */
export function RunningScans() {
  const query = { limit: 8 }
  const scans = useRead(['scans', 'overview'], () => api.GET('/v1/scans', { params: { query } }), { every: 3_000 })
  return (
    <Card title="Scans" flush actions={<Link href="/scans">All scans</Link>}>
      <Ready of={scans}>
        {({ items }) =>
          items.length > 0 ? (
            <ul className="list">
              {items.slice(0, 5).map((scan) => (
                <ScanLine key={scan.id} scan={scan} />
              ))}
            </ul>
          ) : (
            <Empty title="Nothing has been scanned yet" action={<Link href="/scans/new">Start the first scan</Link>} />
          )
        }
      </Ready>
    </Card>
  )
}

function ScanLine({ scan }: { readonly scan: Scan }) {
  return (
    <li>
      <span className="grow">
        <Link href={`/scans/${scan.id}`}>{titleOf(scan)}</Link>
        {hasEnded(scan.status) ? (
          <div className="quiet small">
            {count(scan.progress.open)} open · <Moment at={scan.finishedAt} />
          </div>
        ) : (
          <LiveLine scan={scan} />
        )}
      </span>
      <ScanBadge of={scan.status} />
    </li>
  )
}

function LiveLine({ scan }: { readonly scan: Scan }) {
  const { progress } = useScanFeed(scan)
  const { percent, open, rate, etaSeconds } = progress
  return (
    <>
      <span className="meter" role="progressbar" aria-label="Progress" aria-valuenow={Math.floor(percent)}>
        <i style={{ transform: `scaleX(${percent / 100})` }} />
      </span>
      <div className="quiet small number">
        {Math.floor(percent)} % · {count(open)} open · {count(rate)}/s
        {etaSeconds !== null && ` · ${duration(etaSeconds)} left`}
      </div>
    </>
  )
}
