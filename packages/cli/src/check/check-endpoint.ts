/** One port of one address: what runs there, and all of it in words. */
import { networkInterfaces } from 'node:os'
import { createDetector } from '@portolan/core/detect/detect.ts'
import type { Detection } from '@portolan/core/detect/protocol.ts'
import { type Explanation, explainEndpoint } from '@portolan/core/exposure/explain-endpoint.ts'
import { certificateOf, serviceLine, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { HERE, type Seen } from './probe-addresses.ts'

export type Endpoint = { readonly port: number; readonly transport: Transport; readonly hostname: string | null }
export type Checked = { readonly result: Seen; readonly detection: Detection | null; readonly said: Explanation }

/** Milliseconds for what runs there to say who it is: somebody is waiting. */
const SERVICE_TIMEOUT = 8000

export async function ask(result: Seen, { port, transport, hostname }: Endpoint, services: boolean): Promise<Checked> {
  const detection =
    result.state === 'open' && services
      ? await createDetector({ timeout: SERVICE_TIMEOUT }).detect({ address: result.ip, port, transport, hostname })
      : null
  const { ip, state, reason, from } = result
  const speaker = from !== undefined && (from === HERE || isOwn(from)) ? 'This machine' : from
  const seen = { ip, port, transport, state, reason, ...(speaker !== undefined && { from: speaker }) }
  const record = serviceRecord(detection, port, transport)
  const said = explainEndpoint({
    ...seen,
    detection: detection?.status ?? null,
    service: inWords(detection),
    certificate: record && certificateOf(record),
    ...(detection && { words: detection.evidence }),
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
