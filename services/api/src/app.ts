/** The HTTP application: middleware, routes, errors. Opens nothing by itself. */
import { constants } from 'node:zlib'
import compression from 'compression'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { mountDashboard } from './dashboard/dashboard.ts'
import { mountDocs } from './docs/docs.ts'
import { createErrorHandler } from './http/error-handler.ts'
import { mount, refusePath } from './http/mount.ts'
import { giveRequestId } from './http/request-id.ts'
import { requireSingleHeaders } from './http/single-headers.ts'
import { traceRequests } from './http/trace-requests.ts'
import { operations } from './operations.ts'
import type { Parts } from './parts.ts'
import { mountQueueBoard } from './queue-board/mount-queue-board.ts'

export function createApp(parts: Parts): Express {
  const app = express()
  app.disable('x-powered-by')
  // Tags are made where they mean something (mount.ts); a tag over a stream or a POST means nothing.
  app.set('etag', false)
  // A proxy that keeps somebody from a path compares it as it is written.
  app.set('case sensitive routing', true)
  app.set('trust proxy', parts.limits.trustProxy)
  if (parts.tracing) app.use(traceRequests(parts.tracing))
  app.use(parts.metrics.observe, requestLog(parts), securityHeaders, requireSingleHeaders, compress)
  mountDocs(app)
  mount(app, operations, parts)
  mountQueueBoard(app, parts)
  mountDashboard(app, parts.dashboard)
  app.use(refusePath)
  app.use(createErrorHandler(parts.log))
  return app
}

/** One line a request, without query, headers and bodies: keys and tokens travel there. */
function requestLog({ log }: Parts): RequestHandler {
  return (request, response, next) => {
    const requestId = giveRequestId(request, response)
    const started = performance.now()
    response.once('close', () => {
      const { method, path, ip } = request
      const { statusCode: status, writableFinished: complete } = response
      const level = status >= 500 ? 'error' : status >= 400 || !complete ? 'info' : 'debug'
      const ms = Math.round((performance.now() - started) * 10) / 10
      log[level]({ requestId, method, path, status, ms, ip, ...(!complete && { complete }) }, 'request')
    })
    next()
  }
}

/** Answers are data, never a page: nothing in them may run, load or be framed. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
  },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  referrerPolicy: { policy: 'no-referrer' },
  // Whoever terminates TLS in front of us knows whether all of its hosts speak it; we do not.
  strictTransportSecurity: false,
})

/**
 * From a few kilobytes on, as quickly as it goes: an export must not wait for it. Events are written one by one and must
 * leave at once; NDJSON is missing from the list of types that the library takes for text.
 */
const compress: RequestHandler = compression({
  threshold: 4_096,
  level: 3,
  brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } },
  filter(request, response) {
    const type = String(response.getHeader('Content-Type'))
    if (type.startsWith('text/event-stream')) return false
    return type.startsWith('application/x-ndjson') || compression.filter(request, response)
  },
})
