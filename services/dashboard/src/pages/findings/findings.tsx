import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { useQueryFields } from '../../app/router.ts'
import { SEVERITIES } from '../../ui/badge.tsx'
import { Choose } from '../../ui/field.tsx'
import { More } from '../../ui/more.tsx'
import { many } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { FindingDetail } from './finding-detail.tsx'
import { type Deed, FindingDialog } from './finding-dialog.tsx'
import { FindingList } from './finding-list.tsx'
import { Shortcuts, useTriageKeys } from './triage-keys.tsx'

type Finding = Schemas['Finding']

const STATUSES = ['open', 'acknowledged', 'snoozed', 'resolved'] as const

export function Findings() {
  const [fields, setFields] = useQueryFields()
  const status = STATUSES.find((one) => one === (fields.get('status') ?? 'open'))
  const severity = SEVERITIES.find((one) => one === fields.get('severity'))
  const query = { limit: 200, ...(status && { status: [status] }), ...(severity && { severity: [severity] }) }
  const findings = useList<Finding>(
    ['findings', query],
    (cursor) => api.GET('/v1/findings', { params: { query: { ...query, cursor } } }),
    8_000,
  )
  const filters = (
    <div className="row">
      <Choose
        label="Status"
        value={fields.get('status') ?? 'open'}
        choices={[...STATUSES.map((one) => [one, one] as const), ['any', 'any status']]}
        onChange={(event) => setFields({ status: event.target.value })}
      />
      <Choose
        label="Severity"
        value={severity ?? ''}
        choices={[['', 'any severity'], ...SEVERITIES.map((one) => [one, one] as const)]}
        onChange={(event) => setFields({ severity: event.target.value })}
      />
    </div>
  )
  return (
    <Page title="Findings" actions={filters}>
      <Ready of={findings}>
        {() =>
          findings.items.length > 0 ? (
            <Triage findings={findings.items} />
          ) : (
            <Card title="Findings">
              <Empty title={`No ${status ?? ''} finding`} action={<Link href="/policies">Look at the policies</Link>}>
                Findings are what a policy forbids and a scan has seen.
              </Empty>
            </Card>
          )
        }
      </Ready>
      <More of={findings} />
    </Page>
  )
}

function Triage({ findings }: { readonly findings: readonly Finding[] }) {
  const mayManage = useMay('manage')
  const [at, setAt] = useState(0)
  const [deed, setDeed] = useState<Deed | null>(null)
  const chosen = findings[Math.min(at, findings.length - 1)]
  const help = useTriageKeys({
    isActive: deed === null,
    onMove: (step) => setAt((now) => Math.min(Math.max(now + step, 0), findings.length - 1)),
    onDeed: (next) => mayManage && chosen && setDeed(next),
  })
  if (!chosen) return null
  return (
    <div className="grid-2">
      <Card
        title={many(findings.length, 'finding')}
        flush
        actions={<span className="quiet small">Press ? for keys</span>}
      >
        <FindingList findings={findings} chosen={chosen.id} onChoose={setAt} />
      </Card>
      <FindingDetail finding={chosen} onDeed={mayManage ? setDeed : null} />
      {deed && (
        <FindingDialog key={`${chosen.id} ${deed}`} deed={deed} finding={chosen} onClose={() => setDeed(null)} />
      )}
      {help.isOpen && <Shortcuts onClose={help.close} />}
    </div>
  )
}
