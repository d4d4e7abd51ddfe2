import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { useQueryFields } from '../../app/router.ts'
import { Choose } from '../../ui/field.tsx'
import { localTime } from '../../ui/moment.tsx'
import { many } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { titleOf } from '../scans/scan-title.ts'
import { DiffTables } from './diff-tables.tsx'
import { hasEnded } from './scan-feed.ts'

type Scan = Schemas['Scan']

/** What is different from an earlier scan. */
export function Compare({ scan }: { readonly scan: Scan }) {
  const [fields, setFields] = useQueryFields()
  const others = useRead(['scans', 'compare'], () => api.GET('/v1/scans', { params: { query: { limit: 200 } } }))
  const earlier = (others.data?.items ?? []).filter(
    (one) => one.id !== scan.id && hasEnded(one.status) && one.createdAt < scan.createdAt,
  )
  const like = earlier.find((one) => one.targets.join() === scan.targets.join())
  const base = fields.get('base') ?? like?.id ?? earlier[0]?.id ?? ''
  const choose = (
    <Choose
      label="Earlier scan"
      value={base}
      choices={earlier.map((one) => [one.id, `${localTime(one.createdAt)} · ${titleOf(one)}`] as const)}
      onChange={(event) => setFields({ base: event.target.value })}
    />
  )
  return (
    <Card title="Since an earlier scan" flush actions={earlier.length > 0 && choose}>
      <Ready of={others}>
        {() =>
          base === '' ? (
            <Empty title="There is no earlier scan">
              Scan the same targets again later; the difference appears here.
            </Empty>
          ) : (
            <Difference a={base} b={scan.id} />
          )
        }
      </Ready>
    </Card>
  )
}

function Difference({ a, b }: { readonly a: string; readonly b: string }) {
  const query = { limit: 1000 }
  const diff = useRead(['diff', a, b], () => api.GET('/v1/scans/{a}/diff/{b}', { params: { path: { a, b }, query } }))
  return (
    <Ready of={diff}>
      {(found) => (
        <>
          <DiffTables diff={found} />
          {found.notComparable.length > 0 && (
            <p className="inside quiet small">
              {many(found.notComparable.length, 'endpoint')} cannot be compared: only one of the two scans asked about
              them.
            </p>
          )}
          {found.next && (
            <p className="inside quiet small">There is more; the API’s diff of the two scans has all of it.</p>
          )}
        </>
      )}
    </Ready>
  )
}
