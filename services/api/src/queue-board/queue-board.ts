/**
 * Bull Board: what waits in the queues, to look at. Nothing can be changed there: the tables are the truth, and a job moved by
 * hand would only be put right by the reconciler (docs/decisions/0070-the-queue-can-be-seen-not-touched.md).
 */
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { ExpressAdapter } from '@bull-board/express'
import { FINISH_QUEUE, PLAN_QUEUE, SCHEDULE_QUEUE, scanQueue } from '@portolan/core/jobs.ts'
import type { Queues } from '@portolan/queue/queues.ts'
import type { Express, RequestHandler } from 'express'

/** The page would have its fonts from another host. */
const FOREIGN = /<link\b[^>]*\bhref="https?:[^>]*>/g

export interface QueueBoard {
  readonly handler: RequestHandler
  /** Shows the queues of these vantages beside those that are always there. */
  show(vantages: Iterable<string>): void
}

export function createQueueBoard(queues: Queues, path: string): QueueBoard {
  const server = new ExpressAdapter()
  server.setBasePath(path)
  const uiConfig = { boardTitle: 'Portolan queues', environment: { label: queues.backend, color: '#5b7a99' } }
  const board = createBullBoard({ queues: [], serverAdapter: server, options: { uiConfig } })
  const app: Express = server.getRouter()
  const render = app.render.bind(app)
  Object.assign(app, {
    render: (name: string, options: object, done: (error: Error, html: string) => void) =>
      render(name, options, (error, html) => done(error, html?.replace(FOREIGN, ''))),
  })
  return {
    handler: app,
    show(vantages) {
      const names = [PLAN_QUEUE, FINISH_QUEUE, SCHEDULE_QUEUE, ...[...vantages].sort().map(scanQueue)]
      board.setQueues(
        // because the adapter declares the queues of Redis alone, and reads those of PostgreSQL as well
        names.map((name) => new BullMQAdapter(queues.bare(name) as never, { readOnlyMode: true })),
      )
    },
  }
}
