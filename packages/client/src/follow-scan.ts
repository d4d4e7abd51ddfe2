/** A scan as it happens, through broken connections and restarts of the service. */
import { ApiFailure } from './api-failure.ts'
import type { ApiClient, Schemas } from './client.ts'
import { readEvents } from './read-events.ts'

export type ScanEvent =
  | { readonly event: 'progress'; readonly data: Schemas['ScanMoment'] }
  /** Once per open port, again when its service is known, and perhaps again after a reconnect. */
  | { readonly event: 'port'; readonly data: Schemas['Result'] }
  /** The last one. */
  | { readonly event: 'done'; readonly data: Schemas['ScanEnd'] }

export interface FollowOptions {
  readonly signal?: AbortSignal
  /** Milliseconds between two tries to reach a service that went away. */
  readonly pause?: number
  /** How many of them may fail in a row. */
  readonly tries?: number
}

/** Ends after `done`, or silently when the signal says so. Throws ApiFailure. */
export async function* followScan(
  client: ApiClient,
  id: string,
  { signal, pause = 1000, tries = 30 }: FollowOptions = {},
): AsyncGenerator<ScanEvent> {
  let last: string | null = null
  for (let failed = 0; !signal?.aborted; failed++) {
    try {
      for await (const { event, id: position, data } of readEvents(await openEvents(client, id, last, signal))) {
        failed = 0
        last = position ?? last
        if (!isKnown(event)) continue
        // because the names and shapes of events are the contract's, which a test holds against the service
        yield { event, data: JSON.parse(data) } as ScanEvent
        if (event === 'done') return
      }
    } catch (error) {
      if (signal?.aborted) return
      if (!isBroken(error) || failed >= tries) throw error
    }
    await rest(pause, signal)
  }
}

async function openEvents(client: ApiClient, id: string, last: string | null, signal?: AbortSignal) {
  const { data } = await client.GET('/v1/scans/{id}/events', {
    params: { path: { id } },
    headers: { Accept: 'text/event-stream', ...(last !== null && { 'Last-Event-ID': last }) },
    parseAs: 'stream',
    ...(signal && { signal }),
  })
  return data ?? new ReadableStream<Uint8Array>()
}

const isKnown = (event: string): event is ScanEvent['event'] => ['progress', 'port', 'done'].includes(event)

/** A connection that breaks in the middle is a TypeError of fetch. */
function isBroken(error: unknown): boolean {
  if (error instanceof ApiFailure) return error.status === null || error.status >= 500
  return error instanceof TypeError
}

function rest(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
