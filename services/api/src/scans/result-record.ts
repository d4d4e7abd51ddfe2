import { type EndpointRecord, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import { readTlsFacts } from '@portolan/core/format/untrusted-tls.ts'
import type { Result } from './result-schema.ts'

/** A result as the writers of the common formats take it. */
export function recordOf(result: Result): EndpointRecord {
  const { ip, port, transport, state, reason, rtt, service } = result
  const found = { ip, port, transport, state, reason, rtt }
  if (service === null) return { ...found, service: state === 'open' ? serviceRecord(null, port, transport) : null }
  const { name, product, version, info, cpe, os, device, hostname, confidence, facts } = service
  const method = service.method === 'table' ? 'table' : 'probed'
  const told = { name, product, version, info, cpe, os, device, hostname, method, confidence: confidence ?? 0 } as const
  // The service keeps either as its TLS; here one that upgrades on request is told from one that is inside of it.
  const startTls = readTlsFacts(facts?.startTls)
  return { ...found, service: { ...told, tls: startTls ? null : readTlsFacts(service.tls), startTls } }
}
