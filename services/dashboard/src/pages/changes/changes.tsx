import { api, type Schemas } from '../../api/client.ts'
import { useList } from '../../api/use-read.ts'
import { useQueryFields } from '../../app/router.ts'
import { Choose } from '../../ui/field.tsx'
import { More } from '../../ui/more.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { ChangeTimeline, KIND } from './change-timeline.tsx'

type Kind = Schemas['Change']['kind']
const isKind = (text: string | null): text is Kind => text !== null && Object.hasOwn(KIND, text)

export function Changes() {
  const [fields, setFields] = useQueryFields()
  const given = fields.get('kind')
  const net = fields.get('net') ?? ''
  const query = { limit: 100, ...(isKind(given) && { kind: [given] }), ...(net && { net }) }
  const changes = useList<Schemas['Change']>(
    ['changes', query],
    (cursor) => api.GET('/v1/changes', { params: { query: { ...query, cursor } } }),
    5_000,
  )
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
        <Ready of={changes}>
          {() =>
            changes.items.length > 0 ? (
              <ChangeTimeline changes={changes.items} />
            ) : (
              <Empty title="No such change">Changes appear once the same targets have been scanned twice.</Empty>
            )
          }
        </Ready>
        <More of={changes} />
      </Card>
    </Page>
  )
}
