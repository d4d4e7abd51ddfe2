import type { Schemas } from '../../api/client.ts'
import { count, duration, placeOf, shortCount } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Failure } from '../../ui/states.tsx'
import { type Feed, hasEnded } from './scan-feed.ts'

/** Beyond this many a tile has no room for all digits. */
const ROOM = 99_999_999

const fitting = (value: number) => (value > ROOM ? shortCount(value) : count(value))

type ScanProgressProps = { readonly scan: Schemas['Scan']; readonly feed: Feed }

export function ScanProgress({ scan, feed }: ScanProgressProps) {
  const { percent, probesDone, probesTotal, open, rate, etaSeconds } = feed.progress
  const ended = hasEnded(feed.status)
  const took =
    scan.finishedAt && scan.startedAt ? (Date.parse(scan.finishedAt) - Date.parse(scan.startedAt)) / 1000 : null
  const tiles: readonly (readonly [string, string])[] = [
    [count(open), 'open ports'],
    [count(scan.hosts), 'addresses'],
    [ended ? fitting(probesDone) : `${Math.floor(percent)} %`, ended ? 'probes' : `of ${count(probesTotal)} probes`],
    ended ? [took === null ? '–' : duration(took), 'took'] : [`${count(rate)}/s`, 'rate'],
  ]
  return (
    <>
      {feed.error ? <Failure error={feed.error} /> : null}
      {scan.statusReason && scan.statusReason !== feed.status && <p className="wrong">{scan.statusReason}</p>}
      {!ended && (
        <div>
          <span className="meter" role="progressbar" aria-label="Progress" aria-valuenow={Math.floor(percent)}>
            <i style={{ transform: `scaleX(${percent / 100})` }} />
          </span>
          <div className="row apart quiet small number">
            <span>{Math.floor(percent)} %</span>
            <span>{etaSeconds === null ? ' ' : `${duration(etaSeconds)} left`}</span>
          </div>
        </div>
      )}
      <div className="grid-tiles">
        {tiles.map(([value, name]) => (
          <div key={name} className="tile">
            <span className="value">{value}</span>
            <span className="name">{name}</span>
          </div>
        ))}
      </div>
      {!ended && <JustFound found={feed.found} />}
    </>
  )
}

function JustFound({ found }: { readonly found: Feed['found'] }) {
  if (found.length === 0) return null
  return (
    <Card title="Just found" flush>
      <ul className="list" aria-live="polite">
        {found.slice(0, 5).map((one) => (
          <li key={`${one.vantage} ${placeOf(one)}`}>
            <span className="mono">{placeOf(one)}</span>
            <span className="grow">
              <SafeText>
                {[one.service?.name, one.service?.product, one.service?.version].filter(Boolean).join(' ')}
              </SafeText>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
