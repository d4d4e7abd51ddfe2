import type { PortSet } from '#core/target/port-set.ts'
import type { EndpointRecord } from './endpoint-record.ts'

/** What is known when a scan starts. */
export type RunFacts = {
  /** Portolan's version. */
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** The command or request, for people who read the file later. */
  readonly command: string
  readonly ports: PortSet
  /** How TCP ports were asked. */
  readonly tcpEngine: 'syn' | 'connect'
}

/** What is known when it ends. */
export type RunSummary = {
  /** Milliseconds since 1970. */
  readonly finishedAt: number
  /** Addresses asked, and those of them that showed a sign of life. */
  readonly hosts: number
  readonly up: number
  readonly outcome: 'success' | 'error'
  /** Addresses that open whatever they are asked. */
  readonly allPortsOpen?: readonly string[]
  /** Why it ended early. */
  readonly message?: string
}

/**
 * Turns results into text, piece by piece: `start`, `endpoint` any number of times, `end`. Memory is one host at most.
 * Formats that group by host (nmap XML, grepable, table) expect the endpoints of a host one after the other.
 */
export interface ResultWriter {
  start(run: RunFacts): string
  endpoint(endpoint: EndpointRecord): string
  end(summary: RunSummary): string
}
