/** What the service says the scan would do, while it is being typed. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, type Schemas, take } from '../../api/client.ts'
import { Badge } from '../../ui/badge.tsx'
import { count, duration } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Failure, Waiting } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { REFUSED } from '../scan/scan-facts.tsx'

type Plan = Schemas['ScanPlan']

/** Milliseconds without a key pressed until the service is asked. */
const PAUSE = 350

export function useDryRun(request: Schemas['StartScan']) {
  const text = JSON.stringify(request)
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE)
    return () => clearTimeout(timer)
  }, [text])
  const plan = useQuery({
    queryKey: ['dry-run', settled],
    queryFn: () => ask(settled),
    retry: false,
    placeholderData: (before) => before,
  })
  return {
    data: plan.error ? undefined : plan.data,
    error: plan.error,
    isFetching: plan.isFetching || settled !== text,
  }
}

async function ask(settled: string): Promise<Plan> {
  // because it was made from a request above
  const body = { ...(JSON.parse(settled) as Schemas['StartScan']), dryRun: true }
  const answer = await take(api.POST('/v1/scans', { body }))
  if (!('accepted' in answer)) throw new Error('the service started a scan where it was asked for a plan')
  return answer
}

type DryRunProps = { readonly plan: ReturnType<typeof useDryRun> }

export function DryRun({ plan: { data, error, isFetching } }: DryRunProps) {
  const state = isFetching ? (
    <Badge>checking…</Badge>
  ) : data?.accepted ? (
    <Badge tone="good">ready</Badge>
  ) : (
    <Badge tone="bad">not possible</Badge>
  )
  return (
    <Card title="What it would do" actions={state}>
      {error ? <Failure error={error} /> : data ? <Numbers plan={data} /> : <Waiting />}
    </Card>
  )
}

function Numbers({ plan }: { readonly plan: Plan }) {
  const { hosts, ports, probes, estimatedSeconds, refused, resolved } = plan
  const facts = [
    ['Addresses', count(hosts)],
    [
      'Ports',
      [ports.tcp > 0 && `${count(ports.tcp)} TCP`, ports.udp > 0 && `${count(ports.udp)} UDP`]
        .filter(Boolean)
        .join(', '),
    ],
    ['Probes', count(probes)],
    ['Time', `about ${duration(estimatedSeconds)}`],
    ...resolved.map(({ name, addresses }) => [name, addresses.join(', ')]),
  ]
  return (
    <div className="stack">
      <dl className="facts number">
        {facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {refused.length > 0 && (
        <>
          <p className="wrong">These would not be scanned:</p>
          <Table
            label="Refused targets"
            columns={REFUSED}
            rows={refused}
            keyOf={(one) => `${one.target} ${one.reason}`}
          />
        </>
      )}
    </div>
  )
}
