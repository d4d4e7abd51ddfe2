import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

const HEADER = 'X-Request-Id'

/** A caller's own id is kept when it is harmless in logs and headers, so one id follows a request through systems. */
export function giveRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
  response.setHeader(HEADER, id)
  return id
}

/** The id given above. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(HEADER))
}
