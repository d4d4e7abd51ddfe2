import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Evidence } from '../../ui/evidence.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Ready } from '../../ui/states.tsx'

type Result = Schemas['Result']
type ResultEvidenceProps = { readonly id: string; readonly result: Result; readonly onClose: () => void }

/** Why the scanner says what it says. */
export function ResultEvidence({ id, result, onClose }: ResultEvidenceProps) {
  const { state, reason, rtt, detection, vantage, banner } = result
  const { tls = null, facts = null, ...service } = result.service ?? {}
  return (
    <div className="stack">
      <Facts title="Seen" of={{ state, reason, 'rtt ms': rtt?.toFixed(3), detection, vantage, at: result.seenAt }} />
      <Facts title="Service" of={service} />
      <Facts title="Certificate and TLS" of={tls} />
      <Facts title="What the protocol tells" of={facts} />
      {banner ? <Sent id={id} result={result} /> : <p className="quiet">It sent nothing that was kept.</p>}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  )
}

/** The list has the text of it; the bytes are asked for when somebody looks. */
function Sent({
  id,
  result: { ip, port, transport, vantage, banner },
}: {
  readonly id: string
  readonly result: Result
}) {
  const query = { host: ip, port: String(port), transport, vantage, evidence: true, limit: 1 }
  const sent = useRead(['evidence', id, query], () =>
    api.GET('/v1/scans/{id}/results', { params: { path: { id }, query } }),
  )
  return (
    <Ready of={sent}>
      {({ items }) => <Evidence text={banner ?? ''} bytes={bytesOf(items[0]?.evidence ?? null)} />}
    </Ready>
  )
}

const bytesOf = (base64: string | null) =>
  base64 === null ? null : Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
