import { api, type Schemas } from '../../api/client.ts'
import { useList, useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge, ScanBadge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { ReadyPage } from '../../ui/ready-page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { HealthBadge } from '../overview/schedule-health.tsx'
import { ScheduleActions, whenOf } from './schedules.tsx'

type Run = Schemas['ScheduleRun']

export function SchedulePage({ id = '' }: { readonly id?: string }) {
  const schedule = useRead(['schedule', id], () => api.GET('/v1/schedules/{id}', { params: { path: { id } } }), {
    every: 10_000,
  })
  return (
    <ReadyPage of={schedule} title="Schedule">
      {(known) => <Shown schedule={known} />}
    </ReadyPage>
  )
}

function Shown({ schedule }: { readonly schedule: Schemas['Schedule'] }) {
  const { scan, nextRuns } = schedule
  const facts = [
    ['When', whenOf(schedule)],
    ['Targets', scan.targets.join(', ')],
    ['Ports', scan.ports],
    ['From', scan.vantages.join(', ')],
    ['If the last still runs', schedule.overlap],
    ['If it was missed', schedule.missed],
  ]
  return (
    <Page title={schedule.name} below={<HealthBadge of={schedule} />} actions={<ScheduleActions schedule={schedule} />}>
      <div className="grid-2">
        <Card title="What it does">
          <dl className="facts">
            {facts.map(([name, value]) => (
              <div key={name} className="fact">
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Card>
        <Card title="Next runs" flush>
          {nextRuns.length > 0 ? (
            <ul className="list">
              {nextRuns.slice(0, 5).map((at) => (
                <li key={at}>
                  <Moment at={at} exact />
                </li>
              ))}
            </ul>
          ) : (
            <Empty title="It is paused">Resume it to have it run again.</Empty>
          )}
        </Card>
      </div>
      <Runs id={schedule.id} />
    </Page>
  )
}

const COLUMNS: readonly Column<Run>[] = [
  { name: 'Due', fit: true, cell: ({ dueAt }) => <Moment at={dueAt} /> },
  {
    name: 'Outcome',
    fit: true,
    cell: ({ outcome, scanStatus }) =>
      scanStatus ? <ScanBadge of={scanStatus} /> : <Badge tone={outcome === 'skipped' ? 'warn' : ''}>{outcome}</Badge>,
  },
  { name: 'Why', cell: ({ reason }) => reason },
  { name: 'Scan', fit: true, cell: ({ scanId }) => scanId && <Link href={`/scans/${scanId}`}>Open</Link> },
]

function Runs({ id }: { readonly id: string }) {
  const runs = useList<Run>(['schedule', id, 'runs'], (cursor) =>
    api.GET('/v1/schedules/{id}/runs', { params: { path: { id }, query: { limit: 50, cursor } } }),
  )
  return (
    <Card title="Runs" flush>
      <Ready of={runs}>
        {() =>
          runs.items.length > 0 ? (
            <Table label="Runs" columns={COLUMNS} rows={runs.items} keyOf={(run) => run.id} />
          ) : (
            <Empty title="It has not run yet" />
          )
        }
      </Ready>
      <More of={runs} />
    </Card>
  )
}
