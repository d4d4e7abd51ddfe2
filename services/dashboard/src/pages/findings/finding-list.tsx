import { useEffect, useRef } from 'react'
import type { Schemas } from '../../api/client.ts'
import { Badge, SeverityBadge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { placeOf } from '../../ui/numbers.ts'

type Finding = Schemas['Finding']

type FindingListProps = {
  readonly findings: readonly Finding[]
  readonly chosen: string
  readonly onChoose: (at: number) => void
}

export function FindingList({ findings, chosen, onChoose }: FindingListProps) {
  const list = useRef<HTMLUListElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another one is chosen, it is to be in sight
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <ul className="list findings" ref={list}>
      {findings.map((finding, i) => (
        <li key={finding.id} className={finding.id === chosen ? 'chosen' : ''} aria-current={finding.id === chosen}>
          <button type="button" className="pick" onClick={() => onChoose(i)}>
            <SeverityBadge of={finding.severity} />
            <span className="grow">
              <span className="mono">{placeOf(finding.endpoint)}</span>
              <span className="quiet small meaning">{finding.meaning}</span>
            </span>
            {finding.status !== 'open' && <Badge>{finding.status}</Badge>}
            <span className="quiet small">
              <Moment at={finding.openedAt} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
