import { operation } from '../http/operation.ts'
import { sendEvents } from '../http/sse.ts'
import { followScan } from './follow-scan.ts'
import { requireScan } from './require-scan.ts'
import { Result } from './result-schema.ts'
import { ScanEnd, ScanMoment, ScanPath } from './schema.ts'

const STREAM = `retry: 1000

event: progress
data: {"status":"running","probesDone":400,"probesTotal":1000,"percent":40,"open":1}

id: 1793698200000
event: port
data: {"ip":"192.0.2.10","port":22,"transport":"tcp","state":"open"}
`

export const events = operation({
  id: 'followScan',
  method: 'get',
  path: '/v1/scans/{id}/events',
  tag: 'Scans',
  access: 'read',
  summary: 'Follow a scan',
  description:
    'Server-sent events: `progress`, `port` for each open port (again when its service is known), `done`. Send `Last-Event-ID` to go on where a connection broke; a port may then come twice.',
  params: ScanPath,
  headers: { 'Last-Event-ID': 'The id of the last event that arrived; what came before it is left out.' },
  answers: {
    200: {
      description: 'The stream; it ends after `done`.',
      example: STREAM,
      media: ['text/event-stream'],
      events: { progress: ScanMoment, port: Result, done: ScanEnd },
    },
  },
  problems: ['not-found'],
  async handle(call) {
    const { id } = await requireScan(call)
    const { parts, caller, request, response } = call
    const last = request.headers['last-event-id']
    const since = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : null
    return parts.streams.run(call, 'events', () =>
      sendEvents(response, parts.limits.patience.reader, (signal) =>
        followScan(parts, { projectId: caller.projectId, scanId: id, since, signal }),
      ),
    )
  },
})
