/** A scan as it happens, over server-sent events; what it was when the page was loaded, until the first one comes. */
import { followScan } from '@portolan/client/follow-scan.ts'
import { useEffect, useState } from 'react'
import { api, queries, type Schemas } from '../../api/client.ts'

type Scan = Schemas['Scan']

export const hasEnded = (status: Scan['status']) => ['completed', 'partial', 'failed', 'cancelled'].includes(status)

export type Feed = {
  readonly status: Scan['status']
  readonly progress: Scan['progress']
  /** Found since the page was opened, newest first. */
  readonly found: readonly Schemas['Result'][]
  readonly error: unknown
}

/** Ports kept for the list of what was just found; the table below has them all. */
const KEPT = 200

const placeOf = (one: Schemas['Result']) => `${one.vantage} ${one.transport} ${one.ip} ${one.port}`

export function useScanFeed(scan: Scan): Feed {
  const [live, setLive] = useState<Partial<Feed>>({})
  const isLive = !hasEnded(scan.status)
  useEffect(() => {
    if (!isLive) return
    const stop = new AbortController()
    const follow = async () => {
      for await (const { event, data } of followScan(api, scan.id, { signal: stop.signal })) {
        if (event === 'progress') setLive((now) => ({ ...now, status: data.status, progress: data }))
        if (event === 'port') setLive((now) => ({ ...now, found: withResult(now.found ?? [], data) }))
        if (event === 'done') setLive((now) => ({ ...now, status: data.status, progress: data.progress }))
      }
      if (!stop.signal.aborted) await queries.invalidateQueries()
    }
    follow().catch((error: unknown) => setLive((now) => ({ ...now, error })))
    return () => stop.abort()
  }, [scan.id, isLive])
  const known = isLive ? live : {}
  return {
    status: known.status ?? scan.status,
    progress: known.progress ?? scan.progress,
    found: live.found ?? [],
    error: live.error ?? null,
  }
}

function withResult(found: readonly Schemas['Result'][], one: Schemas['Result']) {
  return [one, ...found.filter((other) => placeOf(other) !== placeOf(one))].slice(0, KEPT)
}
