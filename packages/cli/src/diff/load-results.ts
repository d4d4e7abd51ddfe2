/** A result file as one side of a diff: what was open, and what the file says was looked at. */
import type { ScanView } from '@portolan/core/exposure/diff.ts'
import type { NamedAddresses } from '@portolan/core/exposure/host-labels.ts'
import { type EndpointKey, endpointId, type SightedService, type Sighting } from '@portolan/core/exposure/sighting.ts'
import type { EndpointRecord, ServiceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Imported } from '@portolan/core/format/imported.ts'
import { parseAddress } from '@portolan/core/target/address.ts'
import { type AddressSet, contains } from '@portolan/core/target/address-set.ts'
import { hasPort, type PortSet } from '@portolan/core/target/port-set.ts'

export type Results = {
  readonly open: ReadonlyMap<string, Sighting>
  /** Endpoints in the file, whatever their state. */
  readonly listed: ReadonlySet<string>
  readonly hosts: ReadonlySet<string>
  /** The names of hosts, as far as the file tells. */
  readonly names: readonly NamedAddresses[]
  /** Null: the file does not tell which ports were asked, nor whether hosts without answers are missing. */
  readonly ports: PortSet | null
  /** False for a file that ends early. */
  readonly complete: boolean
  readonly skipped: number
}

/** Files do not say where the scanner stood; both are taken to be seen from one place. */
const VANTAGE = 'here'

export async function loadResults(events: AsyncIterable<Imported>): Promise<Results> {
  const open = new Map<string, Sighting>()
  const listed = new Set<string>()
  const hosts = new Set<string>()
  const names = new Map<string, NamedAddresses>()
  let ports: PortSet | null = null
  let [complete, skipped] = [true, 0]
  for await (const event of events) {
    if (event.kind === 'run') ports = event.scanned
    else if (event.kind === 'host') hosts.add(event.ip)
    else if (event.kind === 'skipped') skipped++
    else if (event.kind === 'end') complete = event.complete
    else {
      const seen = sightingOf(event.endpoint)
      const id = endpointId(seen)
      listed.add(id)
      hosts.add(seen.ip)
      const name = event.endpoint.hostname?.toLowerCase()
      if (name) names.set(`${name} ${seen.ip}`, { name, addresses: [seen.ip] })
      // masscan tells a port and what greets there in two lines.
      if (seen.state === 'open') open.set(id, { ...seen, service: seen.service ?? open.get(id)?.service ?? null })
    }
  }
  return { open, listed, hosts, names: [...names.values()], ports, complete, skipped }
}

function sightingOf({ ip, transport, port, state, service }: EndpointRecord): Sighting {
  return { vantage: VANTAGE, ip, transport, port, state, service: service && sightedService(service) }
}

/** A name from a port table is no sighting. */
function sightedService({ name, product, version, tls, method }: ServiceRecord): SightedService | null {
  if (method !== 'probed') return null
  const certificate = tls?.certificate ?? null
  const { sha256, notAfter } = certificate ?? { sha256: '', notAfter: '' }
  return { name, product, version, certificate: certificate && { sha256, notAfter } }
}

export type Scope = {
  /** What the user says both scans looked at; null: as far as the files tell. */
  readonly targets: AddressSet | null
  readonly ports: PortSet | null
  /** Take a file that does not tell its scope for one of the same scope as the other? */
  readonly assumeSame: boolean
}

/**
 * A port in the file was looked at. Beyond that a host that the file knows (or the user vouches for) was asked for the
 * ports the scan was about. A file that ends early vouches for nothing it does not list.
 */
export function viewOf(results: Results, scope: Scope): ScanView {
  const { open, listed, hosts, complete } = results
  const ports = scope.ports ?? results.ports
  const assumed = scope.assumeSame && complete
  const askedPort = ({ transport, port }: EndpointKey) => (ports ? hasPort(ports[transport], port) : assumed)
  const askedHost = ({ ip }: EndpointKey) => {
    if (hosts.has(ip)) return true
    if (scope.targets === null) return results.ports === null && assumed
    const address = parseAddress(ip)
    return complete && address.ok && contains(scope.targets, address.value)
  }
  return {
    open: open.values(),
    covers: (endpoint) => listed.has(endpointId(endpoint)) || (askedHost(endpoint) && askedPort(endpoint)),
  }
}
