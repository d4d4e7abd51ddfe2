import { type EndpointRecord, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import { readTlsFacts } from '@portolan/core/format/untrusted-tls.ts'
import type { Result } from './result-schema.ts'

/** A result as the writers of the common formats take it. */
export function recordOf(result: Result): EndpointRecord {
  const { ip, port, transport, state, reason, rtt, service } = result
  const found = { ip, port, transport, state, reason, rtt }
  if (service === null) return { ...found, service: state === 'open' ? serviceRecord(null, port, transport) : null }
  const { name, product, version, info, cpe, os, device, hostname, confidence, tls } = service
  const method = service.method === 'table' ? 'table' : 'probed'
  const told = { name, product, version, info, cpe, os, device, hostname, method, confidence: confidence ?? 0 } as const
  return { ...found, service: { ...told, tls: tls === null ? null : readTlsFacts(tls) } }
}
