import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Card } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'

type Schedule = Schemas['Schedule']

export function HealthBadge({ of }: { readonly of: Schedule }) {
  if (of.paused) return <Badge>paused</Badge>
  if (of.lastRun === null) return <Badge>not run yet</Badge>
  const { outcome, scanStatus } = of.lastRun
  if (outcome === 'skipped') return <Badge tone="warn">skipped</Badge>
  if (scanStatus === 'failed') return <Badge tone="bad">failed</Badge>
  if (scanStatus === 'completed') return <Badge tone="good">healthy</Badge>
  return <Badge tone="accent">{scanStatus ?? outcome}</Badge>
}

export function ScheduleHealth() {
  const schedules = useRead(['schedules', 'overview'], () => api.GET('/v1/schedules'), { every: 10_000 })
  return (
    <Card title="Schedules" flush actions={<Link href="/schedules">All schedules</Link>}>
      <Ready of={schedules}>
        {({ items }) =>
          items.length > 0 ? (
            <ul className="list">
              {items.slice(0, 6).map((schedule) => (
                <li key={schedule.id}>
                  <span className="grow">
                    {schedule.name}
                    <div className="quiet small">
                      last <Moment at={schedule.lastRun?.dueAt} otherwise="never" /> · next{' '}
                      <Moment at={schedule.nextRuns[0]} otherwise="not planned" />
                    </div>
                  </span>
                  <HealthBadge of={schedule} />
                </li>
              ))}
            </ul>
          ) : (
            <Empty title="Nothing is scheduled">A scan that repeats is what tells you about changes.</Empty>
          )
        }
      </Ready>
    </Card>
  )
}
