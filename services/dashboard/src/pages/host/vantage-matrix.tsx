import type { Schemas } from '../../api/client.ts'
import { Card } from '../../ui/page.tsx'

type Endpoint = Schemas['Endpoint']

/** What is reachable from where: a port that only one place sees stands out. */
export function VantageMatrix({ endpoints }: { readonly endpoints: readonly Endpoint[] }) {
  const vantages = [...new Set(endpoints.map(({ vantage }) => vantage))].sort()
  const ports = [...Map.groupBy(endpoints, ({ port, transport }) => `${port}/${transport}`)]
  return (
    <Card title="Seen from" flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="table-scroll inside-matrix" aria-label="Ports by vantage" tabIndex={0}>
        <table className="matrix">
          <thead>
            <tr>
              <td />
              {vantages.map((vantage) => (
                <th key={vantage} scope="col">
                  {vantage}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ports.map(([port, seen]) => (
              <tr key={port}>
                <th scope="row">{port}</th>
                {vantages.map((vantage) => {
                  const state = seen.find((one) => one.vantage === vantage)?.state
                  return (
                    <td key={vantage} className={state === 'open' ? 'open' : ''}>
                      <span className={state ? 'small' : 'small quiet'}>{state ?? 'not seen'}</span>
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  )
}
