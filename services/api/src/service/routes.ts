/** What operators and their tools ask of the service itself. None of it needs a key. */
import { z } from 'zod'
import { type Operation, ok, operation, STREAMED } from '../http/operation.ts'
import { isProblemName, PROBLEM_NAMES, PROBLEMS, Problem } from '../http/problem.ts'
import { readiness } from './readiness.ts'

const TAG = 'Service'

const health = operation({
  id: 'health',
  method: 'get',
  path: '/healthz',
  tag: TAG,
  access: 'public',
  summary: 'Is the process alive?',
  description: 'Says nothing about the database and the queue; that is `/readyz`.',
  answers: {
    200: { description: 'It is.', schema: z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' }) },
  },
  async handle() {
    return ok({ status: 'ok' })
  },
})

const part = z.strictObject({ ok: z.boolean(), detail: z.string() })
export const Readiness = z
  .strictObject({ status: z.enum(['ready', 'not-ready']), database: part, migrations: part, queue: part })
  .meta({ id: 'Readiness' })

const ready = operation({
  id: 'ready',
  method: 'get',
  path: '/readyz',
  tag: TAG,
  access: 'public',
  summary: 'Can the service do its work?',
  description: 'Database reachable, migrations applied, queue reachable. A queue that is away only delays scans.',
  answers: {
    200: { description: 'It can.', schema: Readiness },
    503: { description: 'It cannot; the parts say why.', schema: Readiness },
  },
  async handle({ parts }) {
    const state = await readiness(parts)
    return { status: state.status === 'ready' ? 200 : 503, body: state, headers: { 'Cache-Control': 'no-store' } }
  },
})

const metrics = operation({
  id: 'metrics',
  method: 'get',
  path: '/metrics',
  tag: TAG,
  access: 'public',
  summary: 'Metrics for Prometheus',
  description: 'Requests, event loop, queues, scans, shards and workers.',
  answers: {
    200: {
      description: 'Prometheus text format.',
      media: ['text/plain'],
      example: '# TYPE portolan_scans gauge\nportolan_scans{status="running"} 2\n',
    },
  },
  async handle({ parts, response }) {
    const text = await parts.metrics.render(parts)
    response.status(200).set('Content-Type', parts.metrics.contentType).send(text)
    return STREAMED
  },
})

const problem = operation({
  id: 'explainProblem',
  method: 'get',
  path: '/problems/{name}',
  tag: TAG,
  access: 'public',
  summary: 'Explain a problem type',
  description: 'Where the `type` of a problem leads.',
  params: z.strictObject({
    name: z
      .string()
      .max(100)
      .meta({ examples: PROBLEM_NAMES.slice(0, 3) }),
  }),
  answers: {
    200: {
      description: 'What it means and what to do.',
      schema: z
        .strictObject({ type: z.string(), status: z.int(), title: z.string(), advice: z.string() })
        .meta({ id: 'ProblemKind' }),
    },
  },
  problems: ['not-found'],
  async handle({ params: { name } }) {
    if (!isProblemName(name)) throw new Problem('not-found', `there is no problem type ${name}`)
    return ok({ type: `/problems/${name}`, ...PROBLEMS[name] })
  },
})

export const serviceOperations: readonly Operation[] = [health, ready, metrics, problem]
