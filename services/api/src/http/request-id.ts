import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from 'express'

/** A caller's own id is kept when it is harmless in logs and headers, so one id follows a request through systems. */
export function takeRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
  response.setHeader('X-Request-Id', id)
  return id
}

/** The id given above, for those that have only the request; pino-http keeps it there. */
export function requestIdOf(request: Request): string {
  return 'id' in request ? String(request.id) : ''
}
