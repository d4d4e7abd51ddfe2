import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { SeverityBadge } from '../../ui/badge.tsx'
import { Input } from '../../ui/field.tsx'
import { hostPath, many, placeOf } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Empty, Failure } from '../../ui/states.tsx'
import { type Column, Table } from '../../ui/table.tsx'

type Violation = Schemas['Violation']

/** What it would say about what is open, now or at a moment of the past. Nothing is written. */
export function Evaluation({ document }: { readonly document: Schemas['PolicyDocument'] | null }) {
  const [at, setAt] = useState('')
  const evaluate = useAct((body: Schemas['EvaluatePolicy']) => api.POST('/v1/policies/evaluate', { body }))
  const { data, error } = evaluate
  const ask = () => document && evaluate.mutate({ document, ...(at !== '' && { at: new Date(at).toISOString() }) })
  return (
    <Card
      title="Try it"
      actions={
        <button type="button" className="button small" disabled={document === null || evaluate.isPending} onClick={ask}>
          {evaluate.isPending ? 'Trying…' : 'Try it on what is known'}
        </button>
      }
    >
      <div className="stack">
        <Input
          label="As it was at"
          type="datetime-local"
          value={at}
          hint="Empty: now"
          onChange={(event) => setAt(event.target.value)}
        />
        {error ? <Failure error={error} /> : null}
        {data && (
          <p>
            {many(data.total, 'violation')} among {many(data.endpoints, 'endpoint')}
            {data.complete ? '' : '; there is more than was looked at'}.
          </p>
        )}
        {data && data.violations.length > 0 && (
          <Table
            label="Violations"
            columns={COLUMNS}
            rows={data.violations.slice(0, 100)}
            keyOf={(one) => `${one.kind} ${one.ruleId} ${one.endpoint.vantage} ${placeOf(one.endpoint)}`}
          />
        )}
        {!data && !error && <Empty title="Not tried yet">See what it would find before it finds it.</Empty>}
      </div>
    </Card>
  )
}

const COLUMNS: readonly Column<Violation>[] = [
  {
    name: 'Endpoint',
    cell: ({ endpoint }) => (
      <Link className="mono" href={hostPath(endpoint.ip)}>
        {placeOf(endpoint)}
      </Link>
    ),
  },
  { name: 'Severity', fit: true, cell: ({ severity }) => <SeverityBadge of={severity} /> },
  { name: 'Why', cell: ({ detail }) => detail },
]
