import { api, type Schemas } from '../../api/client.ts'
import { useRead } from '../../api/use-read.ts'

/** What is open now, counted: the tiles and the end of the curve say the same. */
export function useOpenNow() {
  const query = { q: 'state:open', facets: true, limit: 1 }
  return useRead(['overview', 'open'], () => api.GET('/v1/endpoints', { params: { query } }), { every: 15_000 })
}

export const totalOf = (facets: Schemas['Facets'] | null | undefined) =>
  facets?.vantage.reduce((sum, { count }) => sum + count, 0)
