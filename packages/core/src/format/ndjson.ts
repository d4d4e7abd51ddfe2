import type { EndpointRecord } from './endpoint-record.ts'
import type { ResultWriter } from './result-writer.ts'

/** The line of one endpoint, without the line end; the keys and their order are a promise to those who parse it. */
export function ndjsonLine(endpoint: EndpointRecord): string {
  const { ip, port, transport, state, reason, rtt, service, allPortsOpen } = endpoint
  const promised = { ip, port, transport, state, reason, rtt, service: service && serviceKeys(service) }
  return JSON.stringify(allPortsOpen ? { ...promised, allPortsOpen } : promised)
}

function serviceKeys(service: NonNullable<EndpointRecord['service']>) {
  const { name, product, version, info, cpe, tls, method, confidence, startTls } = service
  return { name, product, version, info, cpe, tls, method, confidence, ...(startTls ? { startTls } : {}) }
}

/** NDJSON: one endpoint a line, nothing before and nothing after. */
export function createNdjsonWriter(): ResultWriter {
  return { start: () => '', endpoint: (endpoint) => `${ndjsonLine(endpoint)}\n`, end: () => '' }
}
