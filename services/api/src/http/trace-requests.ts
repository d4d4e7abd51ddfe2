import { requestPlace, scanRoot, type Tracing } from '@portolan/trace/tracing.ts'
import type { RequestHandler } from 'express'

/** A span a request. The one that starts a scan is the first of the scan's own trace, unless the caller has a trace. */
export function traceRequests(tracing: Tracing): RequestHandler {
  return (request, response, next) => {
    const startedAt = Date.now()
    response.once('close', () => {
      const { method, headers, route } = request
      const { statusCode: status } = response
      const path: unknown = route?.path
      const name = typeof path === 'string' ? `${method} ${path}` : method
      const scanId =
        status === 202 ? /^\/v1\/scans\/([0-9a-f-]{36})$/.exec(String(response.getHeader('Location')))?.[1] : undefined
      tracing.record({
        name,
        kind: 'server',
        place: scanId && headers.traceparent === undefined ? scanRoot(scanId) : requestPlace(headers.traceparent),
        startedAt,
        endedAt: Date.now(),
        attributes: {
          'http.request.method': method,
          'http.response.status_code': status,
          ...(typeof path === 'string' && { 'http.route': path }),
          ...(scanId && { 'portolan.scan.id': scanId }),
        },
        failure: status >= 500 ? String(status) : null,
      })
    })
    next()
  }
}
