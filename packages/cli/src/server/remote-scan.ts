/** One scan on the service: submitted, followed to its end through broken connections, and fetched. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { readNdjson } from '@portolan/core/format/read-ndjson.ts'
import { z } from 'zod'
import { type ApiClient, ApiFailure } from './api-client.ts'
import { readEvents } from './read-events.ts'

const Started = z.object({ id: z.uuid(), refused: z.array(z.object({ target: z.string(), detail: z.string() })) })

const counts = {
  probesDone: z.number(),
  probesTotal: z.number(),
  percent: z.number(),
  open: z.number(),
  rate: z.number(),
}
const Progress = z.object({ status: z.string().regex(/^[a-z]{1,20}$/), ...counts, etaSeconds: z.number().nullable() })
export type RemoteProgress = z.output<typeof Progress>

const Done = z.object({ status: z.string(), statusReason: z.string().nullable() })
export type RemoteEnd = z.output<typeof Done>

export type Submitted = z.output<typeof Started>

/** Throws ApiFailure; what the service refuses is said by it. */
export async function submitScan(api: ApiClient, wish: object): Promise<Submitted> {
  return Started.parse(await (await api.ask('/v1/scans', { method: 'POST', body: wish })).json())
}

export const cancelScan = (api: ApiClient, id: string) => api.ask(`/v1/scans/${id}/cancel`, { method: 'POST' })

/** Milliseconds between two tries to reach a service that went away, and how often in a row. */
const PAUSE = 1000
const TRIES = 30

export async function followScan(
  api: ApiClient,
  id: string,
  onProgress: (progress: RemoteProgress) => void,
): Promise<RemoteEnd> {
  let last: string | null = null
  for (let tries = 0; ; tries++) {
    try {
      const headers = { Accept: 'text/event-stream', ...(last !== null && { 'Last-Event-ID': last }) }
      const { body } = await api.ask(`/v1/scans/${id}/events`, { headers })
      for await (const { event, id: at, data } of readEvents(body ?? [])) {
        last = at ?? last
        tries = 0
        if (event === 'progress') onProgress(Progress.parse(JSON.parse(data)))
        if (event === 'done') return Done.parse(JSON.parse(data))
      }
    } catch (error) {
      const answered = error instanceof ApiFailure && error.status !== null && error.status < 500
      // A connection that breaks in the middle is a TypeError of fetch.
      if (answered || tries >= TRIES || !(error instanceof ApiFailure || error instanceof TypeError)) throw error
    }
    await sleep(PAUSE)
  }
}

export async function* fetchResults(api: ApiClient, id: string): AsyncGenerator<EndpointRecord> {
  const { body } = await api.ask(`/v1/scans/${id}/results?format=ndjson`)
  for await (const event of readNdjson(body ?? [])) if (event.kind === 'endpoint') yield event.endpoint
}
