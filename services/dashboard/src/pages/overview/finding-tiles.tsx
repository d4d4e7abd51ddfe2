import { api } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'
import { Tile } from './tile.tsx'

const SHOWN = ['critical', 'high', 'medium', 'low'] as const

/** Open findings by severity, worst first. */
export function FindingTiles() {
  const query = { status: ['open' as const], facets: true, limit: 1 }
  const found = useRead(['findings', 'counts'], () => api.GET('/v1/findings', { params: { query } }), { every: 15_000 })
  const counted = found.data?.facets?.severity
  return SHOWN.map((severity) => (
    <Tile
      key={severity}
      href={`/findings?status=open&severity=${severity}`}
      tone={severity}
      name={`${severity} findings`}
      value={counted && (counted.find(({ value }) => value === severity)?.count ?? 0)}
    />
  ))
}
