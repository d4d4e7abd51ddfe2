import { api, type Schemas } from '../../api/client.ts'
import { useMay } from '../../api/session.ts'
import { useAct } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { go } from '../../app/router.ts'
import { hasEnded } from './scan-feed.ts'

type Scan = Schemas['Scan']
type Verb = 'cancel' | 'pause' | 'resume'

/** What may be done with a scan in its state; nothing for whoever may not scan. */
export function ScanActions({ scan, status }: { readonly scan: Scan; readonly status: Scan['status'] }) {
  const mayScan = useMay('scan')
  const params = { path: { id: scan.id } }
  const control = useAct((verb: Verb) => api.POST(`/v1/scans/{id}/${verb}`, { params }))
  const rerun = useAct(async () => {
    const answer = await api.POST('/v1/scans/{id}/rerun', { params })
    if (answer.data) go(`/scans/${answer.data.id}`)
    return answer
  }, 'Started again')
  if (!mayScan) return null
  const button = (verb: Verb, name: string, kind = '') => (
    <button
      type="button"
      className={`button ${kind}`}
      disabled={control.isPending}
      onClick={() => control.mutate(verb)}
    >
      {name}
    </button>
  )
  if (hasEnded(status))
    return (
      <>
        <button type="button" className="button" disabled={rerun.isPending} onClick={() => rerun.mutate(undefined)}>
          Scan again
        </button>
        <Link className="button" href={`/scans/new?from=${scan.id}`}>
          Edit and scan
        </Link>
      </>
    )
  return (
    <>
      {status === 'paused' ? button('resume', 'Resume', 'primary') : button('pause', 'Pause')}
      {button('cancel', 'Cancel', 'danger')}
    </>
  )
}
