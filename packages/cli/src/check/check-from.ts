/** `check --from`: the same question asked from vantages of the service, and what their answers mean side by side. */
import { createClient, take } from '@portolan/client/client.ts'
import { clean } from '@portolan/core/detect/text.ts'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { z } from 'zod'
import { UsageError } from '../exit.ts'
import { watchScan, whyItWaits } from '../server/remote-scan.ts'
import { serverOf } from '../server/server-of.ts'

export type FromVantage = {
  readonly vantage: string
  readonly ip: string
  readonly state: EndpointRecord['state']
  readonly reason: string
}

/** What is read of a result; a URL may lead anywhere, so it is checked. */
const Answer = z.object({
  ip: z.string().max(45),
  vantage: z.string().max(63),
  state: z.enum(['open', 'closed', 'filtered', 'open|filtered']),
  reason: z.string().max(50),
})

export type Asked = {
  readonly host: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  readonly vantages: readonly string[]
  readonly server: unknown
}

/** One scan of one port. Throws when the service does not finish it, such as for want of a worker at a vantage. */
export async function checkFrom({ host, port, transport, vantages, server }: Asked): Promise<readonly FromVantage[]> {
  const login = await serverOf({ server: server || 'login' })
  if (login === null) throw new UsageError('--from asks a service: portolan login URL, or --server URL')
  const client = createClient({ url: login.server, key: login.key })
  const ports = transport === 'udp' ? `U:${port}` : `${port}`
  const body = { targets: [host], ports, vantages: [...vantages], record: 'all' as const, services: false, priority: 5 }
  const scan = await take(client.POST('/v1/scans', { body }))
  if (!('id' in scan)) throw new Error(`${login.server} did not start a check`)
  const path = { id: scan.id }
  const waits = whyItWaits(scan)
  if (waits !== null) {
    await client.POST('/v1/scans/{id}/cancel', { params: { path } })
    throw new Error(`${login.server}: ${waits}`)
  }
  const end = await watchScan(client, scan.id, {})
  const params = { path, query: { format: 'json' as const } }
  const { data } = await client.GET('/v1/scans/{id}/results', { params })
  const answers = z.object({ items: z.array(Answer) }).parse(data)
  if (answers.items.length === 0)
    throw new Error(`the check ended ${clean(end.status)}${end.statusReason ? `: ${clean(end.statusReason)}` : ''}`)
  return answers.items
}
