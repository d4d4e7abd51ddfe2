import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge, SeverityBadge } from '../../ui/badge.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Moment } from '../../ui/moment.tsx'
import { hostPath, placeOf } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Ready } from '../../ui/states.tsx'
import type { Deed } from './finding-dialog.tsx'

type Finding = Schemas['Finding']

type FindingDetailProps = { readonly finding: Finding; readonly onDeed: ((deed: Deed) => void) | null }

const DEEDS: readonly (readonly [Deed, string])[] = [
  ['acknowledge', 'Acknowledge'],
  ['snooze', 'Snooze'],
  ['assign', 'Assign'],
  ['comment', 'Comment'],
]

export function FindingDetail({ finding, onDeed }: FindingDetailProps) {
  const { endpoint, meaning, severity, status, ruleId, reason, assignee, snoozedUntil } = finding
  return (
    <div className="stack">
      <Card title={placeOf(endpoint)} actions={<SeverityBadge of={severity} />}>
        <div className="stack">
          <p>{meaning}</p>
          <dl className="facts">
            <dt>Host</dt>
            <dd>
              <Link href={hostPath(endpoint.ip)}>{endpoint.ip}</Link>, seen from {endpoint.vantage}
            </dd>
            <dt>Status</dt>
            <dd>
              <Badge>{status}</Badge> {reason && <SafeText>{reason}</SafeText>}
              {snoozedUntil && (
                <>
                  {' '}
                  until <Moment at={snoozedUntil} />
                </>
              )}
            </dd>
            <dt>Rule</dt>
            <dd>
              <Link href={`/policies/${finding.policyId}`}>{ruleId}</Link>
            </dd>
            <dt>Assigned to</dt>
            <dd>{assignee ? <SafeText>{assignee}</SafeText> : 'nobody'}</dd>
          </dl>
          {onDeed && (
            <div className="actions">
              {DEEDS.map(([deed, name]) => (
                <button key={deed} type="button" className="button" onClick={() => onDeed(deed)}>
                  {name}
                </button>
              ))}
            </div>
          )}
        </div>
      </Card>
      {finding.close && <HowToClose close={finding.close} />}
      <Timeline id={finding.id} />
    </div>
  )
}

function HowToClose({ close }: { readonly close: NonNullable<Finding['close']> }) {
  return (
    <Card title="How to close it">
      <div className="stack">
        {(
          [
            ['ufw', close.ufw],
            ['nftables', close.nftables],
            ['Windows', close.windows],
          ] as const
        ).map(([name, command]) => (
          <div key={name}>
            <div className="row apart">
              <span className="label">{name}</span>
              <Copy text={command} />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
            <pre className="evidence" tabIndex={0}>
              {command}
            </pre>
          </div>
        ))}
      </div>
    </Card>
  )
}

function Timeline({ id }: { readonly id: string }) {
  const events = useRead(['finding', id, 'timeline'], () =>
    api.GET('/v1/findings/{id}/timeline', { params: { path: { id } } }),
  )
  return (
    <Card title="What happened" flush>
      <Ready of={events}>
        {({ items }) => (
          <ul className="timeline">
            {items.map((event) => (
              <li key={event.id} className={event.kind}>
                <span>
                  {event.kind} {event.actor && <span className="quiet">by {event.actor}</span>}
                </span>
                <span className="quiet small">
                  <Moment at={event.at} /> <SafeText>{said(event.body)}</SafeText>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Ready>
    </Card>
  )
}

function said(body: Schemas['FindingEvent']['body']): string {
  const { text, reason, assignee } = body ?? {}
  return [text, reason, assignee].filter((one) => typeof one === 'string').join(' ')
}
