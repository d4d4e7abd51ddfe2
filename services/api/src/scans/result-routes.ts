import { FORMATS as CORE_FORMATS } from '@portolan/core/format/formats.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import { multirange } from '@portolan/db/multirange.ts'
import type { Request } from 'express'
import type { z } from 'zod'
import { type Call, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { FORMATS, type Format, ListResults, Position, ResultPage } from './result-schema.ts'
import { positionOf, type ResultFilter, resultPage } from './results.ts'
import { type Scan, ScanPath } from './schema.ts'
import { sendResults } from './send-results.ts'

type Query = z.output<typeof ListResults>

const MEDIA = (format: Format): string => CORE_FORMATS[format].mediaType

export const listResults = operation({
  id: 'listResults',
  method: 'get',
  path: '/v1/scans/{id}/results',
  tag: 'Scans',
  access: 'read',
  summary: 'Read what a scan found',
  description:
    'JSON comes in pages; the other formats (`Accept` or `?format=`) stream every row that matches: NDJSON, CSV, nmap XML, grepable text and masscan’s JSON. Also while the scan is running.',
  params: ScanPath,
  query: ListResults,
  answers: {
    200: {
      description: 'A page, or the stream.',
      schema: ResultPage,
      media: FORMATS.filter((format) => format !== 'json').map(MEDIA),
    },
  },
  problems: ['not-found', 'not-acceptable'],
  async handle(call) {
    const { params, query, caller, parts, response } = call
    const scan = await parts.scans.find(caller.projectId, params.id)
    if (scan === null) throw new Problem('not-found', `there is no scan ${params.id}`)
    const format = query.format ?? acceptedFormat(call.request)
    const filter = filterOf(call)
    response.vary('Accept')
    if (CORE_FORMATS[format].grouped && scan.vantages.length > 1 && query.vantage === undefined)
      throw severalVantages(scan)
    if (format === 'json') return ok(await pageOf(call, filter))
    return parts.streams.run(call, 'export', () => sendResults(parts, response, { scan, filter, format }))
  },
})

/** nmap's formats have one line a port; what two places saw would contradict itself there. */
function severalVantages({ vantages }: Scan): Problem {
  const detail = `this format tells of one vantage; choose from ${vantages.join(', ')}`
  return new Problem('validation', `vantage: ${detail}`, { errors: [{ in: 'query', pointer: '#/vantage', detail }] })
}

function acceptedFormat(request: Request): Format {
  const wanted = request.accepts([...FORMATS.map(MEDIA), 'text/xml'])
  if (wanted === 'text/xml') return 'xml'
  const format = FORMATS.find((candidate) => MEDIA(candidate) === wanted)
  if (format === undefined) throw new Problem('not-acceptable', `there are ${FORMATS.map(MEDIA).join(', ')}`)
  return format
}

async function pageOf({ params, query, parts, caller }: Call<{ id: string }, Query, unknown>, filter: ResultFilter) {
  const { cursor, limit, evidence } = query
  const purpose = `results ${caller.projectId} ${params.id}`
  const after = cursor === undefined ? null : parts.cursors.open(purpose, cursor, Position)
  const found = await resultPage(parts.db.pool, params.id, { filter, after, limit: limit + 1, evidence })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, next: found.length > limit && last ? parts.cursors.seal(purpose, positionOf(last)) : null }
}

function filterOf({ query, parts }: Call<unknown, Query, unknown>): ResultFilter {
  const { state = null, port, transport = null, vantage = null, service = null, product = null, host } = query
  const cidr = host === undefined ? null : parseCidr(host)
  return {
    states: state,
    ports: port === undefined ? null : portsOf(port, parts.book),
    transport,
    vantage,
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
