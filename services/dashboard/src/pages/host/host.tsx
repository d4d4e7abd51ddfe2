import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Moment } from '../../ui/moment.tsx'
import { many } from '../../ui/numbers.ts'
import { Card, Page } from '../../ui/page.tsx'
import { ReadyPage } from '../../ui/ready-page.tsx'
import { visible } from '../../ui/safe-text.tsx'
import { Empty, type Reading } from '../../ui/states.tsx'
import { ChangeTimeline } from '../changes/change-timeline.tsx'
import { Certificates } from './certificates.tsx'
import { EndpointList } from './endpoint-list.tsx'
import { Reconciled } from './reconciled.tsx'
import { VantageMatrix } from './vantage-matrix.tsx'

type Story = Schemas['HostStory']

export function HostPage({ ip = '' }: { readonly ip?: string }) {
  const host = useRead(['host', ip], () => api.GET('/v1/hosts/{ip}', { params: { path: { ip } } }), { every: 10_000 })
  const exposure = useRead(['exposure', ip], () => api.GET('/v1/hosts/{ip}/exposure', { params: { path: { ip } } }))
  // Both at once: what came later would push down what somebody has begun to read.
  const both = { ...host, data: exposure.isPending ? undefined : host.data }
  return (
    <ReadyPage of={both} title={visible(ip)}>
      {(story) => <Shown story={story} exposure={exposure} />}
    </ReadyPage>
  )
}

type ShownProps = { readonly story: Story; readonly exposure: Reading<Schemas['HostExposure']> }

function Shown({ story, exposure }: ShownProps) {
  const mayScan = useMay('scan')
  const { ip, names, hostnames, tags, os, open, allPortsOpen, firstSeen, lastSeen } = story
  const actions = mayScan && (
    <>
      <Link className="button" href={`/check?host=${encodeURIComponent(ip)}`}>
        Check a port
      </Link>
      <Link className="button primary" href={`/scans/new?targets=${encodeURIComponent(ip)}`}>
        Scan it
      </Link>
    </>
  )
  const below = (
    <>
      {tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}{' '}
      {[...new Set([...names, ...hostnames, ...os])].map((name) => `${visible(name)} · `)}
      {many(open, 'open port')} · first seen <Moment at={firstSeen} /> · last seen <Moment at={lastSeen} />
    </>
  )
  return (
    <Page title={ip} below={below} actions={actions}>
      {allPortsOpen && (
        <p>
          <Badge tone="warn">everything opens</Badge> Every port of this host answers, also those nothing listens on: a
          firewall or tarpit answers in its place, and what it opens means little.
        </p>
      )}
      <EndpointList endpoints={story.endpoints} />
      <div className="grid-2">
        <div className="stack">
          <VantageMatrix endpoints={story.endpoints} />
          <Certificates endpoints={story.endpoints} />
          <Reconciled exposure={exposure} />
        </div>
        <Card title="What changed" flush>
          {story.changes.length > 0 ? (
            <ChangeTimeline changes={story.changes} />
          ) : (
            <Empty title="Nothing has changed">Since it was first seen, this host has stayed as it is.</Empty>
          )}
        </Card>
      </div>
    </Page>
  )
}
