import { formatPorts } from '#core/target/port-set.ts'
import { ndjsonLine } from './ndjson.ts'
import type { ResultWriter } from './result-writer.ts'

/** One JSON document: `{ "scan": {...}, "results": [...], "summary": {...} }`, an endpoint a line. */
export function createJsonWriter(): ResultWriter {
  let first = true
  return {
    start({ version, startedAt, command, ports, tcpEngine }) {
      const scan = {
        scanner: 'portolan',
        version,
        startedAt: iso(startedAt),
        command,
        ports: formatPorts(ports),
        tcpEngine,
      }
      return `{"scan":${JSON.stringify(scan)},\n"results":[`
    },
    endpoint(endpoint) {
      const separator = first ? '\n' : ',\n'
      first = false
      return separator + ndjsonLine(endpoint)
    },
    end({ finishedAt, hosts, up, outcome, message = null, allPortsOpen = [] }) {
      const doubts = allPortsOpen.length > 0 ? { allPortsOpen } : {}
      const summary = { finishedAt: iso(finishedAt), hosts, up, outcome, message, ...doubts }
      return `\n],\n"summary":${JSON.stringify(summary)}}\n`
    },
  }
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString()
