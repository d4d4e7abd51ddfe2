import type { Schemas } from '../../api/client.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
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

export function ChangeTimeline({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul className="timeline">
      {changes.map((change) => (
        <li key={change.id} className={change.kind}>
          <span className="row">
            <Link className="mono" href={hostPath(change.endpoint.ip)}>
              {placeOf(change.endpoint)}
            </Link>
            <span>{KIND[change.kind]}</span>
            {change.verdict !== 'confirmed' && <Badge tone="warn">{change.verdict}</Badge>}
          </span>
          <span className="quiet small">
            <Moment at={change.at} /> · <Difference change={change} />
          </span>
        </li>
      ))}
    </ul>
  )
}
