import { parseCidr } from '@portolan/core/target/cidr.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import type { Request } from 'express'
import type { z } from 'zod'
import { type Call, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { multirange } from './multirange.ts'
import { findScan } from './queries.ts'
import {
  FORMATS,
  type Format,
  ListResults,
  Position,
  positionOf,
  type ResultFilter,
  ResultPage,
  resultPage,
} from './results.ts'
import { ScanPath } from './schema.ts'
import { sendResults } from './send-results.ts'

type Query = z.output<typeof ListResults>

export const MEDIA: Readonly<Record<Format, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
}

export const listResults = operation({
  id: 'listResults',
  method: 'get',
  path: '/v1/scans/{id}/results',
  tag: 'Scans',
  access: 'read',
  summary: 'Read what a scan found',
  description:
    'JSON comes in pages; NDJSON (`Accept` or `?format=`) streams every row that matches. Also while the scan is running.',
  params: ScanPath,
  query: ListResults,
  answers: {
    200: {
      description: 'A page, or the stream.',
      schema: ResultPage,
      media: [MEDIA.ndjson],
    },
  },
  problems: ['not-found', 'not-acceptable'],
  async handle(call) {
    const { params, query, caller, parts, response } = call
    const scan = await findScan(parts.db.pool, caller.projectId, params.id, parts.now())
    if (scan === null) throw new Problem('not-found', `there is no scan ${params.id}`)
    const format = query.format ?? acceptedFormat(call.request)
    const filter = filterOf(call)
    response.vary('Accept')
    if (format === 'json') return ok(await pageOf(call, filter))
    return parts.streams.run(response, () =>
      sendResults(parts.db.pool, response, { scan, filter, format, media: MEDIA[format] }),
    )
  },
})

function acceptedFormat(request: Request): Format {
  const wanted = request.accepts([...FORMATS.map((format) => MEDIA[format])])
  const format = FORMATS.find((candidate) => MEDIA[candidate] === wanted)
  if (format === undefined) throw new Problem('not-acceptable', `there are ${Object.values(MEDIA).join(', ')}`)
  return format
}

async function pageOf({ params, query, parts, caller }: Call<{ id: string }, Query, unknown>, filter: ResultFilter) {
  const { cursor, limit } = query
  const purpose = `results ${caller.projectId} ${params.id}`
  const after = cursor === undefined ? null : parts.cursors.open(purpose, cursor, Position)
  const found = await resultPage(parts.db.pool, params.id, { filter, after, limit: limit + 1 })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last ? parts.cursors.seal(purpose, positionOf(last)) : null }
}

function filterOf({ query, parts }: Call<unknown, Query, unknown>): ResultFilter {
  const { state = null, port, transport = null, service = null, product = null, host } = query
  const cidr = host === undefined ? null : parseCidr(host)
  return {
    states: state,
    ports: port === undefined ? null : portsOf(port, parts.book),
    transport,
    services: service,
    product,
    network: cidr?.ok ? (host ?? null) : null,
    name: cidr && !cidr.ok ? (host?.toLowerCase() ?? null) : null,
  }
}

function portsOf(spec: string, book: Parameters<typeof parsePorts>[1]['book']): string {
  const parsed = parsePorts(spec, { book })
  if (parsed.ok) return multirange([...parsed.ports.tcp, ...parsed.ports.udp]) ?? '{}'
  const errors = parsed.errors.map(({ problem, fix }) => ({
    in: 'query' as const,
    pointer: '#/port',
    detail: `${problem}; ${fix}`,
  }))
  throw new Problem('validation', `port: ${errors[0]?.detail}`, { errors })
}
