import { parseQuery } from '@portolan/core/exposure/query/parse-query.ts'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useList, useRead } from '../../api/use-read.ts'
import { type SetQuery, useQueryFields } from '../../app/router.ts'
import { Choose } from '../../ui/field.tsx'
import { many } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { ENDPOINT_COLUMNS } from './endpoint-columns.tsx'
import { FacetList } from './facet-list.tsx'
import { MomentSlider } from './moment-slider.tsx'
import { QueryBox } from './query-box.tsx'
import { SavedSearches } from './saved-searches.tsx'

const SORTS = [
  ['ip', 'by address'],
  ['port', 'by port'],
  ['changed', 'latest change first'],
] as const
type Sort = (typeof SORTS)[number][0]

export function Search() {
  const [fields, setFields] = useQueryFields()
  const q = fields.get('q') ?? 'state:open'
  const [text, setText] = useState(q)
  const shown = useDeferredValue(text)
  const flaw = useMemo(() => {
    const parsed = parseQuery(shown, Date.now())
    return parsed.ok ? null : parsed.flaw
  }, [shown])
  const look = (next: string) => {
    setText(next)
    if (parseQuery(next, Date.now()).ok) setFields({ q: next })
  }
  return (
    <Page title="Search">
      <QueryBox text={text} flaw={flaw} onType={setText} onLook={look} />
      <SavedSearches current={q} onLook={look} />
      <MomentSlider at={fields.get('at')} onChange={(at) => setFields({ at })} />
      <Found q={q} fields={fields} setFields={setFields} onNarrow={(term) => look(`${q} ${term}`.trim())} />
    </Page>
  )
}

type FoundProps = {
  readonly q: string
  readonly fields: URLSearchParams
  readonly setFields: SetQuery
  readonly onNarrow: (term: string) => void
}

function Found({ q, fields, setFields, onNarrow }: FoundProps) {
  const at = fields.get('at')
  const sort = SORTS.find(([name]) => name === fields.get('sort'))?.[0] ?? 'ip'
  const asked = { q, ...(at && { at }) }
  const facets = useRead(['facets', asked], () =>
    api.GET('/v1/endpoints', { params: { query: { ...asked, facets: true, limit: 1 } } }),
  )
  const choose = (
    <Choose label="Order" value={sort} choices={SORTS} onChange={(event) => setFields({ sort: event.target.value })} />
  )
  const known = facets.data?.facets
  const total = known?.vantage.reduce((sum, { count }) => sum + count, 0)
  const title = total === undefined ? 'Endpoints' : `${many(total, 'endpoint')}${known?.complete ? '' : ' or more'}`
  return (
    <div className="with-facets">
      <FacetList facets={known ?? null} onNarrow={onNarrow} />
      <Card title={title} flush actions={choose}>
        <Endpoints asked={asked} sort={sort} />
      </Card>
    </div>
  )
}

type EndpointsProps = { readonly asked: { readonly q: string; readonly at?: string }; readonly sort: Sort }

function Endpoints({ asked, sort }: EndpointsProps) {
  const list = useList<Schemas['Endpoint']>(['endpoints', asked, sort], (cursor) =>
    api.GET('/v1/endpoints', { params: { query: { ...asked, sort, limit: 1000, cursor } } }),
  )
  const more = list.hasNextPage && !list.isFetchingNextPage ? list.fetchNextPage : undefined
  // A page may be empty and not the last: then there is nothing to scroll to yet.
  const goesOn = list.hasNextPage && list.items.length === 0
  useEffect(() => {
    if (goesOn) more?.()
  }, [goesOn, more])
  const nothing = goesOn ? (
    <Empty title="Nothing so far">Still looking: little or nothing matches, and there is much to look through.</Empty>
  ) : (
    <Empty title="Nothing matches">
      Take a condition out, or look at another time. What was never scanned is not here.
    </Empty>
  )
  return (
    <Ready of={list} tall>
      {() => (
        <Rows
          label="Endpoints"
          columns={ENDPOINT_COLUMNS}
          rows={list.items}
          keyOf={({ id }) => id}
          onEnd={more}
          empty={nothing}
        />
      )}
    </Ready>
  )
}
