import { type FormEvent, useState } from 'react'
import { api, faultOf, type Schemas } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { go } from '../../app/router.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Input, Select } from '../../ui/field.tsx'
import { FormButtons } from '../../ui/form-buttons.tsx'

const TIMES = [
  ['0 * * * *', 'Every hour'],
  ['30 2 * * *', 'Every night at 2:30'],
  ['30 2 * * 1', 'Every Monday night'],
  ['0 8 * * 1-5', 'Weekdays at 8:00'],
] as const

type MakeScheduleProps = { readonly scan: Schemas['StartScan']; readonly onClose: () => void }

export function MakeSchedule({ scan, onClose }: MakeScheduleProps) {
  const [name, setName] = useState(scan.label ?? scan.targets.slice(0, 2).join(', '))
  const [cron, setCron] = useState<string>(TIMES[1][0])
  const { dryRun: _, ...request } = scan
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  const create = useAct(async () => {
    const answer = await api.POST('/v1/schedules', { body: { name: name.trim(), scan: request, cron, timeZone } })
    go('/schedules')
    return answer
  }, 'Scheduled')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(undefined)
  }
  return (
    <Dialog title="Repeat this scan" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <Input
          label="Name"
          required
          value={name}
          wrong={faultOf(create.error, 'name')}
          onChange={(event) => setName(event.target.value)}
        />
        <Select
          label="When"
          value={TIMES.some(([time]) => time === cron) ? cron : ''}
          choices={[...TIMES, ['', 'Another time']]}
          onChange={(event) => setCron(event.target.value)}
        />
        <Input
          label="Cron"
          className="mono"
          required
          value={cron}
          wrong={faultOf(create.error, 'cron')}
          hint={`Minute, hour, day, month, day of week; on the clock of ${timeZone}`}
          onChange={(event) => setCron(event.target.value)}
        />
        <FormButtons verb="Schedule it" isPending={create.isPending} onClose={onClose} />
      </form>
    </Dialog>
  )
}
