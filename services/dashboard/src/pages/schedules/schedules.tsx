import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct, useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { go } from '../../app/router.ts'
import { Confirm } from '../../ui/dialog.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { duration } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { HealthBadge } from '../overview/schedule-health.tsx'

type Schedule = Schemas['Schedule']

export const whenOf = ({ cron, timeZone, everySeconds }: Schedule) =>
  cron === null ? `every ${duration(everySeconds ?? 0)}` : `${cron} (${timeZone})`

const COLUMNS: readonly Column<Schedule>[] = [
  {
    name: 'Schedule',
    cell: (schedule) => (
      <>
        <Link href={`/schedules/${schedule.id}`}>{schedule.name}</Link>
        <div className="quiet small">{schedule.scan.targets.slice(0, 3).join(', ')}</div>
      </>
    ),
  },
  { name: 'When', cell: (schedule) => <code>{whenOf(schedule)}</code> },
  { name: 'Health', fit: true, cell: (schedule) => <HealthBadge of={schedule} /> },
  { name: 'Last run', fit: true, cell: ({ lastRun }) => <Moment at={lastRun?.dueAt} otherwise="never" /> },
  { name: 'Next run', fit: true, cell: ({ nextRuns }) => <Moment at={nextRuns[0]} otherwise="not planned" /> },
]

export function Schedules() {
  const mayScan = useMay('scan')
  const schedules = useList<Schedule>(
    ['schedules', 'list'],
    (cursor) => api.GET('/v1/schedules', { params: { query: { limit: 100, cursor } } }),
    10_000,
  )
  const make = mayScan && (
    <Link className="button primary" href="/scans/new">
      Schedule a scan
    </Link>
  )
  return (
    <Page title="Schedules" actions={make}>
      <Card title="Scans that repeat" flush>
        <Ready of={schedules}>
          {() =>
            schedules.items.length > 0 ? (
              <Table label="Schedules" columns={COLUMNS} rows={schedules.items} keyOf={({ id }) => id} />
            ) : (
              <Empty title="Nothing is scheduled" action={make}>
                Set a scan up once, press “Repeat it”, and be told when something changes.
              </Empty>
            )
          }
        </Ready>
        <More of={schedules} />
      </Card>
    </Page>
  )
}

export function ScheduleActions({ schedule }: { readonly schedule: Schedule }) {
  const mayScan = useMay('scan')
  const [isAsking, setAsking] = useState(false)
  const params = { path: { id: schedule.id } }
  const turn = useAct((verb: 'pause' | 'resume' | 'run') => api.POST(`/v1/schedules/{id}/${verb}`, { params }), 'Done')
  const remove = useAct(async () => {
    const answer = await api.DELETE('/v1/schedules/{id}', { params })
    go('/schedules')
    return answer
  }, 'Deleted')
  if (!mayScan) return null
  const verb = schedule.paused ? 'resume' : 'pause'
  return (
    <>
      <button type="button" className="button primary" disabled={turn.isPending} onClick={() => turn.mutate('run')}>
        Run now
      </button>
      <button type="button" className="button" disabled={turn.isPending} onClick={() => turn.mutate(verb)}>
        {schedule.paused ? 'Resume' : 'Pause'}
      </button>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {isAsking && (
        <Confirm
          title={`Delete ${schedule.name}?`}
          verb="Delete it"
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          Its scans and what they found stay.
        </Confirm>
      )}
    </>
  )
}
