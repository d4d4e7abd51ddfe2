import type { EndpointRecord } from './endpoint-record.ts'
import type { ResultWriter } from './result-writer.ts'

/** The line of one endpoint, without the line end; the keys and their order are a promise to those who parse it. */
export function ndjsonLine(endpoint: EndpointRecord): string {
  const { ip, port, transport, state, reason, rtt, service, vantage, allPortsOpen } = endpoint
  const known = JSON.stringify({ ip, port, transport, state, reason, rtt }).slice(0, -1)
  const place = vantage ? `,"vantage":${JSON.stringify(vantage)}` : ''
  return `${known},"service":${serviceText(service)}${place}${allPortsOpen ? ',"allPortsOpen":true' : ''}}`
}

/** Of many endpoints in a row, when nobody is asked what it runs, the same is said. */
let latest: { readonly service: EndpointRecord['service']; readonly text: string } = { service: null, text: 'null' }

function serviceText(service: EndpointRecord['service']): string {
  if (service === latest.service) return latest.text
  const text = JSON.stringify(service && serviceKeys(service))
  latest = { service, text }
  return text
}

function serviceKeys(service: NonNullable<EndpointRecord['service']>) {
  const { name, product, version, info, cpe, tls, method, confidence, startTls } = service
  return { name, product, version, info, cpe, tls, method, confidence, ...(startTls ? { startTls } : {}) }
}

/** NDJSON: one endpoint a line, nothing before and nothing after. */
export function createNdjsonWriter(): ResultWriter {
  return { start: () => '', endpoint: (endpoint) => `${ndjsonLine(endpoint)}\n`, end: () => '' }
}
