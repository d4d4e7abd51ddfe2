import { FORMATS } from '@portolan/core/format/formats.ts'
import type { ResultWriter, RunFacts, RunSummary } from '@portolan/core/format/result-writer.ts'
import { NO_PORTS } from '@portolan/core/target/port-set.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import type { Response } from 'express'
import { openOutflow } from '../http/outflow.ts'
import type { Parts } from '../parts.ts'
import { version } from '../version.ts'
import { resultLines } from './result-lines.ts'
import { recordOf } from './result-record.ts'
import type { Format } from './result-schema.ts'
import { allResults, type ResultFilter } from './results.ts'
import { ENDED, type Scan } from './schema.ts'

export interface SendOptions {
  readonly scan: Scan
  readonly filter: ResultFilter
  readonly format: Exclude<Format, 'json'>
}

type Sources = Pick<Parts, 'db' | 'now' | 'book' | 'limits'>

/** Streams every result. A client that reads slowly is waited for between two batches, with no transaction open. */
export async function sendResults(parts: Sources, response: Response, options: SendOptions) {
  const { scan, filter, format } = options
  const { mediaType, extension, create } = FORMATS[format]
  const outflow = openOutflow(response, parts.limits.patience.reader)
  response.status(200).set({
    'Content-Type': `${mediaType}; charset=utf-8`,
    'Content-Disposition': `inline; filename="scan-${scan.id}.${extension}"`,
  })
  if (response.req.method === 'HEAD') return outflow.end()
  // Everything we know, where the common NDJSON keeps to what every scanner knows; its keys come first.
  const pieces = format === 'ndjson' ? resultLines(parts.db.pool, scan.id, filter) : records(parts, options, create())
  for await (const text of pieces) {
    if (response.destroyed) return
    if (text !== '') await outflow.write(text)
  }
  outflow.end()
}

async function* records(parts: Sources, { scan, filter }: SendOptions, writer: ResultWriter): AsyncGenerator<string> {
  let up = 0
  let last = ''
  yield writer.start(runOf(parts, scan))
  for await (const batch of allResults(parts.db.pool, scan.id, filter)) {
    for (const { ip } of batch) {
      if (ip !== last) up++
      last = ip
    }
    yield batch.map((result) => writer.endpoint(recordOf(result))).join('')
  }
  const finishedAt = scan.finishedAt === null ? parts.now().getTime() : Date.parse(scan.finishedAt)
  yield writer.end({ finishedAt, hosts: scan.hosts, up, ...outcomeOf(scan) })
}

/** Whoever compares this file with another has to know when it does not hold everything that was asked for. */
function outcomeOf({ status, statusReason }: Scan): Pick<RunSummary, 'outcome' | 'message'> {
  const message = ENDED.includes(status) ? statusReason : 'still running'
  return { outcome: status === 'completed' ? 'success' : 'error', ...(message !== null && { message }) }
}

function runOf({ book, now }: Sources, scan: Scan): RunFacts {
  const parsed = parsePorts(scan.ports, { book })
  return {
    version: version(),
    startedAt: scan.startedAt === null ? now().getTime() : Date.parse(scan.startedAt),
    command: `scan ${scan.id}: -p ${scan.ports} ${scan.targets.slice(0, 20).join(' ')}`,
    ports: parsed.ok ? parsed.ports : NO_PORTS,
    tcpEngine: scan.engine === 'connect' ? 'connect' : 'syn',
  }
}
