import { api } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { SEVERITIES } from '../../ui/badge.tsx'
import { count } from '../../ui/numbers.ts'

/** Open findings by severity, worst first; beyond a page of them more are only hinted at. */
export function FindingTiles() {
  return SEVERITIES.slice(0, 4).map((severity) => <FindingTile key={severity} severity={severity} />)
}

function FindingTile({ severity }: { readonly severity: (typeof SEVERITIES)[number] }) {
  const query = { status: ['open' as const], severity: [severity], limit: 1000 }
  const found = useRead(['findings', 'tile', severity], () => api.GET('/v1/findings', { params: { query } }), {
    every: 15_000,
  })
  return (
    <Link className="tile" href={`/findings?status=open&severity=${severity}`}>
      <span className="value">
        {found.data ? `${count(found.data.items.length)}${found.data.next ? '+' : ''}` : ' '}
      </span>
      <span className="name">{severity} findings</span>
    </Link>
  )
}
