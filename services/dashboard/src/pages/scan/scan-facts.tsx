import type { Schemas } from '../../api/client.ts'
import { Moment } from '../../ui/moment.tsx'
import { count } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { Table } from '../../ui/table.tsx'

export function ScanFacts({ scan }: { readonly scan: Schemas['Scan'] }) {
  const facts: readonly (readonly [string, string])[] = [
    ['Targets', scan.targets.join(', ')],
    ['Except', scan.exclude.join(', ') || 'nothing'],
    ['Ports', scan.ports],
    ['Engine', scan.engine],
    [
      'Services',
      scan.services === true ? 'identified' : scan.services === false ? 'not identified' : String(scan.services),
    ],
    ['Rate', scan.rate === null ? 'as the installation allows' : `${count(scan.rate)} probes/s`],
    ['Per host', scan.perHostRate === null ? 'as the installation allows' : `${count(scan.perHostRate)} probes/s`],
    ['From', scan.vantages.join(', ')],
    ...Object.entries(scan.summary ?? {}).map(([name, value]) => [sentence(name), say(value)] as const),
  ]
  return (
    <>
      <Card title="What was asked for, and what came of it">
        <dl className="facts">
          {facts.map(([name, value]) => (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          <div className="fact">
            <dt>Finished</dt>
            <dd>
              <Moment at={scan.finishedAt} exact otherwise="not yet" />
            </dd>
          </div>
        </dl>
      </Card>
      {scan.refused.length > 0 && (
        <Card title="Not scanned" flush>
          <Table
            label="Refused targets"
            columns={REFUSED}
            rows={scan.refused}
            keyOf={(one) => `${one.target} ${one.reason}`}
          />
        </Card>
      )}
    </>
  )
}

type Refused = Schemas['RefusedTarget']
export const REFUSED = [
  { name: 'Target', cell: (one: Refused) => <code>{one.target}</code> },
  { name: 'Why', cell: (one: Refused) => one.detail },
  { name: 'Addresses', numeric: true, cell: (one: Refused) => one.addresses },
] as const

/** `lossEstimate` as `Loss estimate`. */
const sentence = (name: string) => {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const say = (value: unknown): string =>
  typeof value === 'number'
    ? String(Math.round(value * 10_000) / 10_000)
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)
