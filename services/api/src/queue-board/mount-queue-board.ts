/** Where Bull Board is reached, and by whom. */
import type { Express } from 'express'
import { admit } from '../http/mount.ts'
import { Problem } from '../http/problem.ts'
import type { Parts } from '../parts.ts'
import type { QueueBoard } from './queue-board.ts'

const PATH = '/admin/queues'

/** Its page brings styles of its own in tags and attributes; scripts are files, and everything comes from here. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "form-action 'none'",
].join('; ')

/** For keys and sessions with the scope admin. Loaded when somebody asks for it first. */
export function mountQueueBoard(app: Express, parts: Parts): void {
  let loading: Promise<QueueBoard> | null = null
  const load = () => import('./queue-board.ts').then(({ createQueueBoard }) => createQueueBoard(parts.queues, PATH))
  app.use(PATH, async (request, response, next) => {
    await admit({ access: 'admin', method: 'get' }, parts, request, response)
    if (!/^(GET|HEAD)$/.test(request.method))
      throw new Problem('method-not-allowed', 'the queues can be seen here, not changed', {
        headers: { Allow: 'GET, HEAD' },
      })
    loading ??= load()
    const board = await loading
    board.show(await parts.vantages.manned())
    response.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-store' })
    board.handler(request, response, next)
  })
}
