import { type EndpointRecord, serviceLine } from './endpoint-record.ts'
import type { ResultWriter } from './result-writer.ts'

/**
 * What masscan's `-oJ` writes, for the tools that read it: an array, a port a line, then a line more for what said what it
 * is. masscan knows open and closed; ports without an answer have no place in it. It tells seconds, of one moment for all.
 */
export function createMasscanWriter(): ResultWriter {
  let timestamp = '0'
  let first = true
  const record = ({ ip, port, transport: proto }: EndpointRecord, more: object) => {
    const separator = first ? '\n' : ',\n'
    first = false
    return separator + JSON.stringify({ ip, timestamp, ports: [{ port, proto, ...more }] })
  }
  return {
    start({ startedAt }) {
      timestamp = String(Math.floor(startedAt / 1000))
      return '['
    },
    endpoint(endpoint) {
      const { state: status, reason, service } = endpoint
      if (status !== 'open' && status !== 'closed') return ''
      const line = record(endpoint, { status, reason, ttl: 0 })
      if (service === null || service.method === 'table') return line
      return line + record(endpoint, { service: { name: service.name, banner: serviceLine(service) } })
    },
    end: () => '\n]\n',
  }
}
