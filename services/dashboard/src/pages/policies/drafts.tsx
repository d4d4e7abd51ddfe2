import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useAct } from '../../api/use-read.ts'
import { Select, TextArea } from '../../ui/field.tsx'
import { Card } from '../../ui/page.tsx'

type Source = Schemas['DraftPolicy']['from']

const SOURCES: readonly (readonly [Source, string])[] = [
  ['default', 'What no network should expose'],
  ['baseline', 'What is open now, allowed'],
  ['yaml', 'A policy as YAML'],
  ['ufw', 'ufw status'],
  ['iptables', 'iptables-save'],
  ['nft', 'nft list ruleset'],
]

type DraftsProps = { readonly onDraft: (document: Schemas['PolicyDocument']) => void }

/** A start to work from. */
export function Drafts({ onDraft }: DraftsProps) {
  const [from, setFrom] = useState<Source>('default')
  const [text, setText] = useState('')
  const needsText = from !== 'default' && from !== 'baseline'
  const draft = useAct(async () => {
    const answer = await api.POST('/v1/policies/draft', { body: { from, ...(needsText && { text }) } })
    if (answer.data) onDraft(answer.data.document)
    return answer
  })
  const skipped = draft.data?.skipped ?? []
  return (
    <Card title="Start from">
      <div className="form">
        <Select
          label="Draft"
          value={from}
          choices={SOURCES}
          onChange={(event) => setFrom(SOURCES.find(([one]) => one === event.target.value)?.[0] ?? 'default')}
        />
        {needsText && (
          <TextArea
            label="Its text"
            className="mono"
            rows={6}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <div className="actions">
          <button type="button" className="button" disabled={draft.isPending} onClick={() => draft.mutate(undefined)}>
            Draft it
          </button>
        </div>
        {skipped.length > 0 && (
          <ul className="quiet small">
            {skipped.map(({ rule, why }) => (
              <li key={rule}>
                <code>{rule}</code>: {why}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}
