import { clean } from '#core/detect/text.ts'
import { createHostGroup } from './by-host.ts'
import { type EndpointRecord, serviceLine } from './endpoint-record.ts'
import type { ResultWriter } from './result-writer.ts'

/**
 * nmap's grepable output, one line a host:
 *
 *   Host: 192.0.2.1 (name)	Ports: 22/open/tcp//ssh//OpenSSH 9.2p1/, 80/open/tcp//http///
 *
 * Seven fields a port, separated and ended by slashes: port, state, transport, owner, service, RPC, version.
 */
export function createGrepableWriter(): ResultWriter {
  const group = createHostGroup()
  return {
    start: ({ version, startedAt, command }) =>
      `# Portolan ${version} scan initiated ${new Date(startedAt).toISOString()} as: ${clean(command, 4096)}\n`,
    endpoint: (endpoint) => hostLine(group.add(endpoint)),
    end({ finishedAt, hosts, up, outcome }) {
      const done = outcome === 'success' ? 'done' : 'ended early'
      return `${hostLine(group.rest())}# Portolan ${done} at ${new Date(finishedAt).toISOString()}; ${hosts} addresses (${up} up) scanned\n`
    },
  }
}

function hostLine(endpoints: readonly EndpointRecord[]): string {
  const [first] = endpoints
  if (!first) return ''
  return `Host: ${first.ip} (${field(first.hostname ?? '')})\tPorts: ${endpoints.map(portField).join(', ')}\n`
}

function portField({ port, state, transport, service }: EndpointRecord): string {
  const name = service?.tls && service.name !== 'https' ? `ssl|${service.name}` : (service?.name ?? '')
  const version = service ? field(serviceLine(service)) : ''
  return `${port}/${state}/${transport}//${field(name)}//${version}/`
}

/** Slashes separate fields and commas separate ports, so neither may come from a server. */
function field(text: string): string {
  return clean(text).replaceAll('/', '|').replaceAll(',', ';')
}
