import type { Schemas } from '../../api/client.ts'
import { Evidence } from '../../ui/evidence.tsx'
import { Facts } from '../../ui/facts.tsx'

type ResultEvidenceProps = { readonly result: Schemas['Result']; readonly onClose: () => void }

/** Why the scanner says what it says. */
export function ResultEvidence({ result, onClose }: ResultEvidenceProps) {
  const { state, reason, rtt, detection, vantage, banner } = result
  const { tls = null, facts = null, ...service } = result.service ?? {}
  return (
    <div className="stack">
      <Facts title="Seen" of={{ state, reason, 'rtt ms': rtt, detection, vantage, at: result.seenAt }} />
      <Facts title="Service" of={service} />
      <Facts title="Certificate and TLS" of={tls} />
      <Facts title="What the protocol tells" of={facts} />
      {banner ? <Evidence text={banner} /> : <p className="quiet">It sent nothing that was kept.</p>}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  )
}
