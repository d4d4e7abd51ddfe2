import { useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useAct, useRead } from '../../api/use-read.ts'
import { go } from '../../app/router.ts'
import { Badge } from '../../ui/badge.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { ReadyPage } from '../../ui/ready-page.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Secret } from '../../ui/secret.tsx'
import { Deliveries } from './deliveries.tsx'

type Webhook = Schemas['Webhook']

export function WebhookPage({ id = '' }: { readonly id?: string }) {
  const webhook = useRead(['webhook', id], () => api.GET('/v1/webhooks/{id}', { params: { path: { id } } }))
  return (
    <ReadyPage of={webhook} title="Webhook">
      {(known) => <Shown webhook={known} />}
    </ReadyPage>
  )
}

function Shown({ webhook }: { readonly webhook: Webhook }) {
  const { id, name, kind, url, events, digest, enabled, disabledReason, quietHours, createdAt } = webhook
  const facts = [
    ['Kind', kind],
    ['Goes to', url],
    ['Events', events.join(', ')],
    ['Bundled', digest],
    ['Quiet', quietHours ? `${quietHours.from} to ${quietHours.to}` : 'never'],
  ]
  return (
    <Page
      title={name}
      below={
        <>
          <Badge tone={enabled ? 'good' : 'bad'}>{enabled ? 'on' : 'off'}</Badge> {disabledReason} made{' '}
          <Moment at={createdAt} />
        </>
      }
      actions={<Actions webhook={webhook} />}
    >
      <Card title="What it is">
        <dl className="facts">
          {facts.map(([fact, value]) => (
            <div key={fact} className="fact">
              <dt>{fact}</dt>
              <dd>
                <SafeText>{value}</SafeText>
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      <Deliveries id={id} />
    </Page>
  )
}

function Actions({ webhook: { id, name, enabled } }: { readonly webhook: Webhook }) {
  const [isAsking, setAsking] = useState(false)
  const params = { path: { id } }
  const test = useAct(() => api.POST('/v1/webhooks/{id}/test', { params }), 'A test is on its way')
  const turn = useAct(() => api.PATCH('/v1/webhooks/{id}', { params, body: { enabled: !enabled } }), 'Done')
  const rotate = useAct(() => api.POST('/v1/webhooks/{id}/rotate-secret', { params, body: {} }))
  const remove = useAct(async () => {
    const answer = await api.DELETE('/v1/webhooks/{id}', { params })
    go('/webhooks')
    return answer
  }, 'Deleted')
  return (
    <>
      <button type="button" className="button primary" disabled={test.isPending} onClick={() => test.mutate(undefined)}>
        Send a test
      </button>
      <button type="button" className="button" onClick={() => turn.mutate(undefined)}>
        Turn {enabled ? 'off' : 'on'}
      </button>
      <button type="button" className="button" onClick={() => rotate.mutate(undefined)}>
        New secret
      </button>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {rotate.data && <Secret title="The new secret" secret={rotate.data.secret} onClose={rotate.reset} />}
      {isAsking && (
        <Confirm
          title={`Delete ${name}?`}
          verb="Delete it"
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          Its delivery log goes with it.
        </Confirm>
      )}
    </>
  )
}
