import { createReadStream } from 'node:fs'
import type { EndpointRecord, ServiceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Imported } from '@portolan/core/format/imported.ts'
import { readMasscan } from '@portolan/core/format/read-masscan.ts'
import { readNdjson } from '@portolan/core/format/read-ndjson.ts'
import { readNmapXml } from '@portolan/core/format/read-nmap-xml.ts'
import type { Observation } from '@portolan/db/observations.ts'
import type { ImportFormat, ImportReport } from './schema.ts'

const READERS = { 'nmap-xml': readNmapXml, masscan: readMasscan, ndjson: readNdjson } as const

export type RunEvent = Extract<Imported, { kind: 'run' }>

export function readResults(path: string, format: ImportFormat): AsyncGenerator<Imported> {
  return READERS[format](createReadStream(path))
}

const MOST_PROBLEMS = 100
/** A file that names more is not a report of a scan but of the internet. */
const MOST_HOSTS = 2_000_000

/** What the events add up to, beside the endpoints themselves. */
export class Tally {
  readonly hosts = new Set<string>()
  readonly ports = { tcp: new Set<number>(), udp: new Set<number>() }
  readonly problems: { line: number; problem: string }[] = []
  endpoints = 0
  open = { tcp: 0, udp: 0 }
  skipped = 0
  complete = false
  finishedAt: number | null = null

  take(event: Imported): void {
    if (event.kind === 'host') this.#host(event.ip)
    else if (event.kind === 'endpoint') this.#endpoint(event.endpoint)
    else if (event.kind === 'skipped') this.skip(event.line, event.problem)
    else if (event.kind === 'end') {
      this.complete = event.complete
      this.finishedAt = event.finishedAt
    }
  }

  #host(ip: string): void {
    if (this.hosts.size < MOST_HOSTS) this.hosts.add(ip)
  }

  #endpoint({ ip, port, transport, state }: EndpointRecord): void {
    this.#host(ip)
    this.ports[transport].add(port)
    this.endpoints++
    if (state === 'open') this.open[transport]++
  }

  skip(line: number, problem: string): void {
    this.skipped++
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ line, problem })
  }

  report(scanner: string, version: string | null): ImportReport {
    const { hosts, endpoints, complete, skipped, problems } = this
    return { scanner, version, hosts: hosts.size, endpoints, complete, skipped, problems }
  }
}

const NOTHING = new Uint8Array()

export function observationOf(endpoint: EndpointRecord, seenAt: Date): Observation {
  const { ip, port, state, reason, rtt, service } = endpoint
  return { ip, port, state, reason, rtt, seenAt, detection: service && detectionOf(service) }
}

function detectionOf(record: ServiceRecord): Observation['detection'] {
  const {
    name,
    product,
    version,
    info,
    os = null,
    device = null,
    hostname = null,
    cpe,
    confidence,
    tls,
    startTls,
  } = record
  // because facts are JSON, and these came from it
  const facts = startTls ? { startTls: JSON.parse(JSON.stringify(startTls)) } : {}
  const service = { name, product, version, info, os, device, hostname, cpe, confidence, vendor: null, facts }
  const method = record.method === 'table' ? 'table' : 'imported'
  return { status: 'identified', method, service, tls, evidence: NOTHING }
}
