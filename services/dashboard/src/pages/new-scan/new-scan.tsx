import { useState } from 'react'
import { api, faultOf, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct, useRead } from '../../api/use-read.ts'
import { go, useQueryFields } from '../../app/router.ts'
import { NotAllowed } from '../../ui/not-allowed.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { Ready } from '../../ui/states.tsx'
import { type Draft, draftOf, EMPTY, requestOf } from './draft.ts'
import { DryRun, useDryRun } from './dry-run.tsx'
import { MakeSchedule } from './make-schedule.tsx'
import { ScanForm } from './scan-form.tsx'

export function NewScan() {
  const mayScan = useMay('scan')
  const [fields] = useQueryFields()
  const from = fields.get('from') ?? ''
  const scan = useRead(['scan', from], () => api.GET('/v1/scans/{id}', { params: { path: { id: from } } }), {
    enabled: from !== '',
  })
  if (!mayScan) return <NotAllowed title="New scan" to="scan" needed="scan" />
  const given = fields.get('targets')
  const start = given ? { ...EMPTY, targets: given } : EMPTY
  return (
    <Page title="New scan">
      {from === '' ? <Filled start={start} /> : <Ready of={scan}>{(known) => <Filled start={draftOf(known)} />}</Ready>}
    </Page>
  )
}

function Filled({ start }: { readonly start: Draft }) {
  const [draft, setDraft] = useState(start)
  const [isScheduling, setScheduling] = useState(false)
  const request = requestOf(draft)
  const plan = useDryRun(request)
  const run = useAct(async (body: Schemas['StartScan']) => {
    const answer = await api.POST('/v1/scans', { body })
    if (answer.data && 'id' in answer.data) go(`/scans/${answer.data.id}`)
    return answer
  })
  const fault = (field: string) => faultOf(plan.error ?? run.error, field)
  const isReady = plan.data?.accepted === true && !plan.isFetching && !run.isPending
  return (
    <div className="grid-2">
      <Card title="What to scan">
        <ScanForm draft={draft} fault={fault} onChange={(change) => setDraft({ ...draft, ...change })} />
      </Card>
      <div className="stack">
        <DryRun plan={plan} />
        <div className="actions">
          <button type="button" className="button primary" disabled={!isReady} onClick={() => run.mutate(request)}>
            Start the scan
          </button>
          <button type="button" className="button" disabled={!isReady} onClick={() => setScheduling(true)}>
            Repeat it…
          </button>
        </div>
        {isScheduling && <MakeSchedule scan={request} onClose={() => setScheduling(false)} />}
      </div>
    </div>
  )
}
