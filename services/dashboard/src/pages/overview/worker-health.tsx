import { api } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { many } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Empty, Ready } from '../../ui/states.tsx'

export function WorkerHealth() {
  const workers = useRead(['workers'], () => api.GET('/v1/workers'), { every: 10_000 })
  return (
    <Card title="Vantages" flush actions={<Link href="/workers">All workers</Link>}>
      <Ready of={workers}>
        {({ items }) => {
          const vantages = [...Map.groupBy(items, ({ vantage }) => vantage)]
          if (vantages.length === 0)
            return (
              <Empty title="No worker has reported">
                Scans wait until one does: “npm start” brings one, and so does “portolan worker”.
              </Empty>
            )
          return (
            <ul className="list">
              {vantages.map(([vantage, members]) => {
                const alive = members.filter((worker) => worker.alive).length
                const latest = members
                  .map((worker) => worker.heartbeatAt)
                  .sort()
                  .at(-1)
                return (
                  <li key={vantage}>
                    <span className="grow">
                      {vantage}
                      <div className="quiet small">
                        heard <Moment at={latest} />
                      </div>
                    </span>
                    <Badge tone={alive > 0 ? 'good' : 'bad'}>
                      {alive > 0 ? many(alive, 'worker') : 'no worker alive'}
                    </Badge>
                  </li>
                )
              })}
            </ul>
          )
        }}
      </Ready>
    </Card>
  )
}
