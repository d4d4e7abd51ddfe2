import { useMemo, useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useList } from '../../api/use-read.ts'
import { useQueryFields } from '../../app/router.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Moment } from '../../ui/moment.tsx'
import { NotAllowed } from '../../ui/not-allowed.tsx'
import { Card, Page } from '../../ui/page.tsx'
import { type RowColumn, Rows } from '../../ui/rows.tsx'
import { SafeText } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'

type Entry = Schemas['AuditEntry']

const columnsFor = (onOpen: (entry: Entry) => void): readonly RowColumn<Entry>[] => [
  { name: 'When', width: '170px', cell: ({ at }) => <Moment at={at} exact /> },
  { name: 'Who', width: 'minmax(100px, 1fr)', cell: ({ actor }) => <SafeText>{actor}</SafeText> },
  { name: 'What', width: 'minmax(130px, 1fr)', cell: ({ action }) => action },
  { name: 'On', width: 'minmax(160px, 2fr)', cell: ({ targetType, targetId }) => `${targetType} ${targetId ?? ''}` },
  { name: 'From', width: 'minmax(110px, 1fr)', cell: ({ address }) => address },
  {
    name: 'Details',
    width: '90px',
    fit: true,
    cell: (entry) => (
      <button
        type="button"
        className="button small"
        aria-label={`Show details of ${entry.action} ${entry.id}`}
        onClick={() => onOpen(entry)}
      >
        Show
      </button>
    ),
  },
]

export function Audit() {
  const isAdmin = useMay('admin')
  if (!isAdmin) return <NotAllowed title="Audit" to="see the audit log" needed="admin" />
  return <Shown />
}

function Shown() {
  const [fields, setFields] = useQueryFields()
  const [opened, setOpened] = useState<Entry | null>(null)
  const columns = useMemo(() => columnsFor(setOpened), [])
  const action = fields.get('action') ?? ''
  const log = useList<Entry>(['audit', action], (cursor) =>
    api.GET('/v1/audit', { params: { query: { limit: 500, cursor, ...(action && { action }) } } }),
  )
  const more = log.hasNextPage && !log.isFetchingNextPage ? log.fetchNextPage : undefined
  const filter = (
    <input
      className="input inline-select filter"
      type="search"
      aria-label="Action"
      placeholder="scan.create"
      defaultValue={action}
      onKeyDown={(event) => event.key === 'Enter' && setFields({ action: event.currentTarget.value.trim() })}
    />
  )
  return (
    <Page title="Audit">
      <Card title="Who did what" flush actions={filter}>
        <Ready of={log} tall>
          {() => (
            <Rows
              label="Audit log"
              columns={columns}
              rows={log.items}
              keyOf={({ id }) => id}
              onEnd={more}
              empty={<Empty title="Nothing of the kind has been done" />}
            />
          )}
        </Ready>
      </Card>
      {opened && <Details of={opened} onClose={() => setOpened(null)} />}
    </Page>
  )
}

function Details({ of, onClose }: { readonly of: Entry; readonly onClose: () => void }) {
  return (
    <Dialog title={of.action} wide onClose={onClose}>
      <div className="stack">
        <Facts title="Before" of={of.before} />
        <Facts title="After" of={of.after} />
        <p className="quiet small">Request {of.requestId ?? 'unknown'}</p>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
