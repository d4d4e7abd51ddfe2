/** One scan on the service: followed to its end, and fetched. What is shown is checked: a URL may lead anywhere. */
import type { ApiClient } from '@portolan/client/client.ts'
import { followScan } from '@portolan/client/follow-scan.ts'
import { clean } from '@portolan/core/detect/text.ts'
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

const numbers = {
  open: z.number(),
  closed: z.number(),
  filtered: z.number(),
  openFiltered: z.number(),
  sent: z.number(),
  received: z.number(),
  probed: z.number(),
  probes: z.number(),
  seconds: z.number(),
  lossEstimate: z.number().nullable(),
  recallEstimate: z.number().nullable(),
}
/** Null of a scan that has none, such as one that never began. */
const Summary = z.object(numbers).nullable().catch(null)
const Done = z.object({ status: z.string(), statusReason: z.string().nullable(), summary: Summary })
export type RemoteEnd = z.output<typeof Done>

const OpenPort = z.object({ ip: z.string().max(45), port: z.int().max(65_535), transport: z.enum(['tcp', 'udp']) })
export type RemotePort = z.output<typeof OpenPort>

export type RemoteWatcher = {
  progress?(progress: RemoteProgress): void
  /** Once for each. */
  opened?(port: RemotePort): void
}

export async function watchScan(client: ApiClient, id: string, watcher: RemoteWatcher): Promise<RemoteEnd> {
  const told = new Set<string>()
  for await (const { event, data } of followScan(client, id)) {
    if (event === 'progress') watcher.progress?.(Progress.parse(data))
    if (event === 'done') return Done.parse(data)
    if (event !== 'port' || watcher.opened === undefined) continue
    const open = OpenPort.parse(data)
    const size = told.size
    if (told.add(`${open.ip} ${open.transport} ${open.port}`).size > size) watcher.opened(open)
  }
  throw new Error('the service ended the events before the scan')
}

/** Why a scan does not begin now, with what to do about it; null when it does. */
export function whyItWaits({ statusReason }: { readonly statusReason: string | null }): string | null {
  if (statusReason === null) return null
  const cure = statusReason.includes('worker') ? '; portolan workers says who there is, and where' : ''
  return `${clean(statusReason)}${cure}`
}

type Started = {
  readonly refused: readonly { readonly target: string; readonly detail: string }[]
  readonly statusReason: string | null
}

/** What is left out of a scan that was just asked for, and what it waits for. */
export function remarksOn(started: Started): readonly string[] {
  const left = started.refused.map(({ target, detail }) => `${clean(target)} is left out: ${clean(detail)}`)
  return [...left, whyItWaits(started)].filter((text) => text !== null)
}

/** In words; null of a scan that was done whole. */
export function endedEarly({ status, statusReason }: RemoteEnd): string | null {
  if (status === 'completed') return null
  return `the scan ended ${clean(status)}${statusReason ? `: ${clean(statusReason)}` : ''}`
}

export async function* fetchResults(client: ApiClient, id: string): AsyncGenerator<EndpointRecord> {
  const asked = { path: { id }, query: { format: 'ndjson' as const } }
  const { data } = await client.GET('/v1/scans/{id}/results', { params: asked, parseAs: 'stream' })
  for await (const event of readNdjson(data ?? [])) if (event.kind === 'endpoint') yield event.endpoint
}
