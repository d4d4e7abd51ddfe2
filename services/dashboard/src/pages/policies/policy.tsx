/** A policy as its document: written, checked while it is written, and tried on what is known. */
import { useState } from 'react'
import { api, faultOf, faultsWithin, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct, useRead } from '../../api/use-read.ts'
import { go } from '../../app/router.ts'
import { Confirm } from '../../ui/dialog.tsx'
import { Input } from '../../ui/field.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { ReadyPage } from '../../ui/ready-page.tsx'
import { DocumentBox, readDocument } from './document-box.tsx'
import { Drafts } from './drafts.tsx'
import { Evaluation } from './evaluation.tsx'

type Policy = Schemas['Policy']

const START = { otherwise: 'forbid', rules: [] } as const

export const NewPolicy = () => <Editor policy={null} />

export function PolicyPage({ id = '' }: { readonly id?: string }) {
  const policy = useRead(['policy', id], () => api.GET('/v1/policies/{id}', { params: { path: { id } } }))
  return (
    <ReadyPage of={policy} title="Policy">
      {(known) => <Editor key={known.revision} policy={known} />}
    </ReadyPage>
  )
}

function useSave(policy: Policy | null) {
  return useAct(async ({ name, document }: { name: string; document: Schemas['PolicyDocument'] }) => {
    if (policy) return api.PATCH('/v1/policies/{id}', { params: { path: { id: policy.id } }, body: { name, document } })
    const answer = await api.POST('/v1/policies', { body: { name, document } })
    if (answer.data) go(`/policies/${answer.data.id}`, { replace: true })
    return answer
  }, 'Saved')
}

function Editor({ policy }: { readonly policy: Policy | null }) {
  const mayManage = useMay('manage')
  const [name, setName] = useState(policy?.name ?? '')
  const [text, setText] = useState(JSON.stringify(policy?.document ?? START, null, 2))
  const save = useSave(policy)
  const read = readDocument(text)
  const document = read.ok ? read.document : null
  const write = (next: string) => {
    setText(next)
    save.reset()
  }
  const isReady = document !== null && name.trim() !== '' && !save.isPending
  return (
    <Page title={policy?.name ?? 'New policy'} actions={policy && mayManage && <Remove policy={policy} />}>
      <div className="grid-2">
        <Card title="Document">
          <div className="form">
            <Input
              label="Name"
              value={name}
              readOnly={!mayManage}
              wrong={faultOf(save.error, 'name')}
              onChange={(event) => setName(event.target.value)}
            />
            <DocumentBox
              text={text}
              read={read}
              readOnly={!mayManage}
              faults={faultsWithin(save.error, 'document')}
              onChange={write}
            />
            {mayManage && (
              <Endings
                policy={policy}
                isReady={isReady}
                onSave={() => document && save.mutate({ name: name.trim(), document })}
              />
            )}
          </div>
        </Card>
        <div className="stack">
          {mayManage && <Drafts onDraft={(drafted) => write(JSON.stringify(drafted, null, 2))} />}
          <Evaluation document={document} />
        </div>
      </div>
    </Page>
  )
}

type EndingsProps = { readonly policy: Policy | null; readonly isReady: boolean; readonly onSave: () => unknown }

const Endings = ({ policy, isReady, onSave }: EndingsProps) => (
  <div className="actions">
    <button type="button" className="button primary" disabled={!isReady} onClick={onSave}>
      Save
    </button>
    {policy && (
      <a className="button" href={`/v1/policies/${policy.id}?format=yaml`} download={`${policy.name}.yaml`}>
        Download YAML
      </a>
    )}
  </div>
)

function Remove({ policy }: { readonly policy: Policy }) {
  const [isAsking, setAsking] = useState(false)
  const remove = useAct(async () => {
    const answer = await api.DELETE('/v1/policies/{id}', { params: { path: { id: policy.id } } })
    go('/policies')
    return answer
  }, 'Deleted')
  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {isAsking && (
        <Confirm
          title={`Delete ${policy.name}?`}
          verb="Delete it"
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          Its findings are resolved; what was found stays in the history.
        </Confirm>
      )}
    </>
  )
}
