import { useEffect, useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useList, useRead } from '../../api/use-read.ts'
import { useQueryFields } from '../../app/router.ts'
import { Choose } from '../../ui/field.tsx'
import { More } from '../../ui/more.tsx'
import { many } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { ChangeTimeline, KIND } from './change-timeline.tsx'

type Kind = Schemas['Change']['kind']
const isKind = (text: string | null): text is Kind => text !== null && Object.hasOwn(KIND, text)

/** Milliseconds between two looks at whether there is a newer change: one row, while the pages read stay as they are. */
const LOOK = 2_000

type Query = { readonly limit: number; readonly kind?: Kind[]; readonly net?: string }

/** The list, read again when there is something new, and which of it has come since it was first read. */
function useLiveChanges(query: Query) {
  const changes = useList<Schemas['Change']>(['changes', query], (cursor) =>
    api.GET('/v1/changes', { params: { query: { ...query, cursor } } }),
  )
  const { limit: _, ...filter } = query
  const latest = useRead(
    ['changes', 'latest', filter],
    () => api.GET('/v1/changes', { params: { query: { ...filter, limit: 1 } } }),
    { every: LOOK },
  )
  const newest = latest.data?.items[0]?.id
  const shown = changes.items[0]?.id ?? ''
  const { refetch, isSuccess } = changes
  useEffect(() => {
    // Ids are UUIDv7: what is greater is newer.
    if (isSuccess && newest !== undefined && newest > shown) void refetch()
  }, [newest, shown, isSuccess, refetch])
  const [first, setFirst] = useState<string | null>(null)
  if (first === null && isSuccess) setFirst(shown)
  const fresh = new Set(changes.items.filter(({ id }) => first !== null && id > first).map(({ id }) => id))
  return { changes, fresh }
}

export function Changes() {
  const [fields, setFields] = useQueryFields()
  const given = fields.get('kind')
  const net = fields.get('net') ?? ''
  const query = { limit: 100, ...(isKind(given) && { kind: [given] }), ...(net && { net }) }
  const filters = (
    <div className="row">
      <input
        className="input inline-select filter"
        type="search"
        aria-label="Network"
        placeholder="net: 10.0.0.0/8"
        defaultValue={net}
        onKeyDown={(event) => event.key === 'Enter' && setFields({ net: event.currentTarget.value.trim() })}
      />
      <Choose
        label="Kind"
        value={given ?? ''}
        choices={[['', 'Any change'], ...Object.entries(KIND)]}
        onChange={(event) => setFields({ kind: event.target.value })}
      />
    </div>
  )
  return (
    <Page title="Changes">
      <Card title="Newest first" flush actions={filters}>
        <Feed key={JSON.stringify(query)} query={query} />
      </Card>
    </Page>
  )
}

function Feed({ query }: { readonly query: Query }) {
  const { changes, fresh } = useLiveChanges(query)
  return (
    <>
      <p className="unseen" role="status">
        {fresh.size > 0 && `${many(fresh.size, 'new change')} since you opened this page`}
      </p>
      <Ready of={changes}>
        {() =>
          changes.items.length > 0 ? (
            <ChangeTimeline changes={changes.items} fresh={fresh} />
          ) : (
            <Empty title="No such change">Changes appear once the same targets have been scanned twice.</Empty>
          )
        }
      </Ready>
      <More of={changes} />
    </>
  )
}
