import type { Schemas } from '../../api/client.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { dayName, Moment } from '../../ui/moment.tsx'
import { hostPath, placeOf } from '../../ui/numbers.ts'
import { SafeText } from '../../ui/safe-text.tsx'

type Change = Schemas['Change']
type Snapshot = NonNullable<Change['after']>

/** `ssh OpenSSH 9.6`, as far as it is known. */
const sayWhat = (shot: Snapshot | null) =>
  shot === null ? '' : [shot.product ?? shot.service, shot.version].filter((word) => word !== null).join(' ')

export function Difference({
  change: { kind, before, after },
}: {
  readonly change: Pick<Change, 'kind' | 'before' | 'after'>
}) {
  if (kind === 'opened') return <SafeText>{sayWhat(after)}</SafeText>
  if (kind === 'closed') return <SafeText>{sayWhat(before)}</SafeText>
  const certificate = (shot: Snapshot | null) => shot?.certificate?.sha256.slice(0, 12) ?? 'none'
  const [from, to] =
    kind === 'certificate-changed' ? [certificate(before), certificate(after)] : [sayWhat(before), sayWhat(after)]
  return (
    <>
      <SafeText>{from || 'unknown'}</SafeText> → <SafeText>{to || 'unknown'}</SafeText>
    </>
  )
}

export const KIND: Readonly<Record<Change['kind'], string>> = {
  opened: 'opened',
  closed: 'closed',
  'service-changed': 'service changed',
  'version-changed': 'version changed',
  'certificate-changed': 'certificate changed',
}

type ChangeTimelineProps = {
  readonly changes: readonly Change[]
  /** Ids of those that came while somebody was looking. */
  readonly fresh?: ReadonlySet<string>
}

/** Day by day, as they come. */
export function ChangeTimeline({ changes, fresh }: ChangeTimelineProps) {
  return [...Map.groupBy(changes, ({ at }) => dayName(at))].map(([day, ofDay]) => (
    <section key={day} aria-label={day}>
      <h3 className="day">{day}</h3>
      <ul className="timeline changes">
        {ofDay.map((change) => (
          <Line key={change.id} change={change} isFresh={fresh?.has(change.id) ?? false} />
        ))}
      </ul>
    </section>
  ))
}

function Line({ change, isFresh }: { readonly change: Change; readonly isFresh: boolean }) {
  const { kind, verdict, endpoint, at } = change
  return (
    <li className={isFresh ? `${kind} fresh` : kind}>
      <Link className="mono" href={hostPath(endpoint.ip)}>
        {placeOf(endpoint)}
      </Link>
      <span className="kind">
        {KIND[kind]} {verdict !== 'confirmed' && <Badge tone="warn">{verdict}</Badge>}
      </span>
      <span className="what">
        <Difference change={change} />
      </span>
      <span className="quiet small when">
        from {endpoint.vantage}, <Moment at={at} clock />
      </span>
    </li>
  )
}
