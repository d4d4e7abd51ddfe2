import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct, useList } from '../../api/use-read.ts'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { More } from '../../ui/more.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready, Waiting } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { AddDoNotScan, AddScope } from './add-scope.tsx'

type Scope = Schemas['Scope']
type DoNotScan = Schemas['DoNotScan']

const readScopes = (cursor: string | undefined) => api.GET('/v1/scopes', { params: { query: { limit: 200, cursor } } })
const readDoNotScan = (cursor: string | undefined) =>
  api.GET('/v1/do-not-scan', { params: { query: { limit: 200, cursor } } })

export function Scopes() {
  const isAdmin = useMay('admin')
  const scopes = useList<Scope>(['scopes'], readScopes)
  const never = useList<DoNotScan>(['do-not-scan'], readDoNotScan)
  return (
    <Page title="Scopes" below="What may be scanned, and what never is." actions={isAdmin && <AddScope />}>
      {/* Both at once: what came later would push the other down. */}
      {scopes.isPending || never.isPending ? (
        <Waiting />
      ) : (
        <>
          <Allowed scopes={scopes} />
          <Never list={never} />
        </>
      )}
    </Page>
  )
}

type List<T> = ReturnType<typeof useList<T>>

function Allowed({ scopes }: { readonly scopes: List<Scope> }) {
  const isAdmin = useMay('admin')
  const remove = useAct((id: string) => api.DELETE('/v1/scopes/{id}', { params: { path: { id } } }), 'Taken out')
  const columns: readonly Column<Scope>[] = [
    { name: 'Network', fit: true, cell: ({ cidr }) => <code>{cidr}</code> },
    { name: 'Owner', cell: ({ owner }) => owner },
    { name: 'Why', cell: ({ reason }) => reason },
    {
      name: 'Special',
      fit: true,
      cell: ({ namesSpecial }) => namesSpecial && <Badge tone="warn">special range</Badge>,
    },
    { name: 'Until', fit: true, cell: ({ expiresAt }) => <Moment at={expiresAt} otherwise="for good" /> },
    ...(isAdmin ? [removal<Scope>(({ cidr }) => cidr, remove.mutate)] : []),
  ]
  return (
    <Card title="May be scanned" flush>
      <Ready of={scopes}>
        {() =>
          scopes.items.length > 0 ? (
            <Table label="Scopes" columns={columns} rows={scopes.items} keyOf={({ id }) => id} />
          ) : (
            <Empty title="Only this machine may be scanned">
              Name the networks that are yours before scanning them.
            </Empty>
          )
        }
      </Ready>
      <More of={scopes} />
    </Card>
  )
}

function Never({ list }: { readonly list: List<DoNotScan> }) {
  const isAdmin = useMay('admin')
  const remove = useAct((id: string) => api.DELETE('/v1/do-not-scan/{id}', { params: { path: { id } } }), 'Taken out')
  const columns: readonly Column<DoNotScan>[] = [
    { name: 'Network', fit: true, cell: ({ cidr }) => <code>{cidr}</code> },
    { name: 'Why', cell: ({ reason }) => reason },
    { name: 'Since', fit: true, cell: ({ createdAt }) => <Moment at={createdAt} /> },
    ...(isAdmin ? [removal<DoNotScan>(({ cidr }) => cidr, remove.mutate)] : []),
  ]
  return (
    <Card title="Never scanned" flush actions={isAdmin && <AddDoNotScan />}>
      <Ready of={list}>
        {() =>
          list.items.length > 0 ? (
            <Table label="Never scanned" columns={columns} rows={list.items} keyOf={({ id }) => id} />
          ) : (
            <Empty title="Nothing is excluded">What stands here beats every scope.</Empty>
          )
        }
      </Ready>
      <More of={list} />
    </Card>
  )
}

const removal = <T extends { readonly id: string }>(
  nameOf: (one: T) => string,
  remove: (id: string) => void,
): Column<T> => ({
  name: 'Remove',
  fit: true,
  cell: (one) => (
    <button
      type="button"
      className="button small danger"
      aria-label={`Remove ${nameOf(one)}`}
      onClick={() => remove(one.id)}
    >
      Remove
    </button>
  ),
})
