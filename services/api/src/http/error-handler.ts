import type { ErrorRequestHandler, Request, Response } from 'express'
import type { Logger } from 'pino'
import { Problem, problemBody } from './problem.ts'
import { requestIdOf } from './request-id.ts'

/** The one place where a failure becomes a response. What nobody expected is logged whole and told in one sentence. */
export function createErrorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request: Request, response: Response, _next) => {
    const problem = asProblem(error)
    const requestId = requestIdOf(response)
    if (problem.status >= 500) log.error({ err: error, requestId }, 'request failed')
    if (response.headersSent) {
      // Too late for another status: cutting the connection is the only honest sign that the stream is incomplete.
      response.destroy()
      return
    }
    sendProblem(response, problem, requestId)
  }
}

export function sendProblem(response: Response, problem: Problem, requestId: string): void {
  response.status(problem.status).set(problem.headers).type('application/problem+json')
  response.send(JSON.stringify(problemBody(problem, requestId)))
}

/** Codes of node and pg that mean "the database or the queue is not there", as opposed to "we asked nonsense". */
const AWAY = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|57P0[1-3]|08\w{3}|53\w{3})$/
/** Prisma's codes for the same, and for a transaction that could not begin or end in its time. */
const TOO_SLOW = /^P(1001|1002|1008|1017|2024|2028)$/

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { status, code, name } = factsOf(error)
  if (status !== null && status >= 400 && status < 500)
    return new Problem('bad-request', error instanceof Error ? error.message.slice(0, 200) : 'malformed request')
  // Prisma's names for what a concurrent request can bring about: a duplicate, a row gone, a serialisation failure.
  if (code === 'P2002') return new Problem('conflict', 'something with the same name or block exists', { cause: error })
  if (code === 'P2025') return new Problem('not-found', 'it was removed in the meantime', { cause: error })
  if (code === 'P2034') return new Problem('conflict', 'somebody else changed it in the meantime', { cause: error })
  if (name === 'QueueUnavailable') return new Problem('unavailable', 'the queue does not answer', { cause: error })
  if (TOO_SLOW.test(code)) return new Problem('unavailable', 'the database does not answer in time', { cause: error })
  if (AWAY.test(code) || /timeout exceeded when trying to connect|Connection terminated/.test(String(error)))
    return new Problem('unavailable', 'the database does not answer', { cause: error })
  return new Problem('internal', 'an unexpected error occurred', { cause: error })
}

function factsOf(error: unknown): { status: number | null; code: string; name: string } {
  if (!(error instanceof Error)) return { status: null, code: '', name: '' }
  const status = 'status' in error && typeof error.status === 'number' ? error.status : null
  return { status, code: 'code' in error ? String(error.code) : '', name: error.name }
}
