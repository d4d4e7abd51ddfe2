/** One port of some addresses, asked as any client would. */
import { networkInterfaces } from 'node:os'
import { createDetector } from '@portolan/core/detect/detect.ts'
import type { Detection } from '@portolan/core/detect/protocol.ts'
import type { PortResult } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import { type Explanation, explainEndpoint } from '@portolan/core/exposure/explain-endpoint.ts'
import { compareIps, serviceLine, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { AddressSet } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { UsageError } from '../exit.ts'

export type Endpoint = { readonly port: number; readonly transport: Transport; readonly hostname: string | null }
export type Checked = { readonly result: PortResult; readonly detection: Detection | null; readonly said: Explanation }

/** Milliseconds for what runs there to say who it is: somebody is waiting. */
const SERVICE_TIMEOUT = 8000
/** More addresses are a scan. */
const MOST = 64

/** The way any client takes: connections, no raw packets. */
export async function probe(
  addresses: AddressSet,
  { port, transport }: Endpoint,
  timeout: number,
): Promise<readonly PortResult[]> {
  const space = createProbeSpace({ addresses, ports: [{ first: port, last: port }], transport, seed: 1 })
  if (space.size > MOST) throw new UsageError(`these are ${space.size} addresses; scan takes that many`)
  const engine = await selectEngine(transport, 'connect')
  const task = { space, from: 0, to: space.size, record: 'all', retries: 1, timeout } as const
  const results: PortResult[] = []
  for await (const batch of engine.scan(task, new AbortController().signal)) results.push(...batch.results)
  return results.sort((a, b) => compareIps(a.ip, b.ip))
}

export async function ask(
  result: PortResult,
  { port, transport, hostname }: Endpoint,
  services: boolean,
): Promise<Checked> {
  const detection =
    result.state === 'open' && services
      ? await createDetector({ timeout: SERVICE_TIMEOUT }).detect({ address: result.ip, port, transport, hostname })
      : null
  const { ip, state, reason, from } = result
  const speaker = from !== undefined && isOwn(from) ? 'This machine' : from
  const seen = { ip, port, transport, state, reason, ...(speaker !== undefined && { from: speaker }) }
  const said = explainEndpoint({
    ...seen,
    detection: detection?.status ?? null,
    service: inWords(detection),
    certificateExpired: detection?.tls?.certificate?.expired ?? false,
  })
  return { result, detection, said }
}

/** A host on our own network that is not there: it is our own kernel that says so. */
function isOwn(ip: string): boolean {
  return Object.values(networkInterfaces()).some((all = []) => all.some(({ address }) => address === ip))
}

function inWords(detection: Detection | null): string | null {
  if (detection?.status !== 'identified') return null
  const { name, product } = detection.service
  const record = serviceRecord(detection, 0, 'tcp')
  return product === null || record === null
    ? `${name}${detection.tls ? ' inside TLS' : ''}`
    : `${serviceLine(record)} (${name}${detection.tls ? ' inside TLS' : ''})`
}
