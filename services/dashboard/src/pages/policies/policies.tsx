import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct, useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { many } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'

type Policy = Schemas['Policy']

export function Policies() {
  const mayManage = useMay('manage')
  const policies = useList<Policy>(['policies'], (cursor) =>
    api.GET('/v1/policies', { params: { query: { limit: 100, cursor } } }),
  )
  const make = mayManage && (
    <Link className="button primary" href="/policies/new">
      New policy
    </Link>
  )
  return (
    <Page title="Policies" actions={make}>
      <Card title="What may be reachable" flush>
        <Ready of={policies}>
          {() =>
            policies.items.length > 0 ? (
              <Table label="Policies" columns={COLUMNS} rows={policies.items} keyOf={({ id }) => id} />
            ) : (
              <Empty title="There is no policy yet" action={make}>
                A policy says which ports may be open where. Whatever a scan finds beyond it becomes a finding.
              </Empty>
            )
          }
        </Ready>
        <More of={policies} />
      </Card>
    </Page>
  )
}

const COLUMNS: readonly Column<Policy>[] = [
  { name: 'Policy', cell: ({ id, name }) => <Link href={`/policies/${id}`}>{name}</Link> },
  { name: 'Rules', numeric: true, cell: ({ document }) => many(document.rules.length, 'rule') },
  { name: 'Otherwise', fit: true, cell: ({ document }) => document.otherwise },
  { name: 'State', fit: true, cell: (policy) => <Switch policy={policy} /> },
  { name: 'Changed', fit: true, cell: ({ updatedAt }) => <Moment at={updatedAt} /> },
]

function Switch({ policy: { id, enabled } }: { readonly policy: Policy }) {
  const mayManage = useMay('manage')
  const turn = useAct(() => api.PATCH('/v1/policies/{id}', { params: { path: { id } }, body: { enabled: !enabled } }))
  const state = <Badge tone={enabled ? 'good' : ''}>{enabled ? 'on' : 'off'}</Badge>
  if (!mayManage) return state
  return (
    <span className="row nowrap">
      {state}
      <button type="button" className="button small" disabled={turn.isPending} onClick={() => turn.mutate(undefined)}>
        Turn {enabled ? 'off' : 'on'}
      </button>
    </span>
  )
}
