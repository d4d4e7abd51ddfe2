/** One scan on the service: followed to its end, and fetched. What is shown is checked: a URL may lead anywhere. */
import type { ApiClient } from '@portolan/client/client.ts'
import { followScan } from '@portolan/client/follow-scan.ts'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { readNdjson } from '@portolan/core/format/read-ndjson.ts'
import { z } from 'zod'

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

export async function watchScan(
  client: ApiClient,
  id: string,
  onProgress: (progress: RemoteProgress) => void,
): Promise<RemoteEnd> {
  for await (const { event, data } of followScan(client, id)) {
    if (event === 'progress') onProgress(Progress.parse(data))
    if (event === 'done') return Done.parse(data)
  }
  throw new Error('the service ended the events before the scan')
}

export async function* fetchResults(client: ApiClient, id: string): AsyncGenerator<EndpointRecord> {
  const asked = { path: { id }, query: { format: 'ndjson' as const } }
  const { data } = await client.GET('/v1/scans/{id}/results', { params: asked, parseAs: 'stream' })
  for await (const event of readNdjson(data ?? [])) if (event.kind === 'endpoint') yield event.endpoint
}
