/** Turns operations into routes: key, rights, validation, handler, answer, in this order for every one of them. */
import type { Request, RequestHandler, Response, Router } from 'express'
import { z } from 'zod'
import type { Parts } from '../parts.ts'
import { readJson } from './body.ts'
import { ANONYMOUS, type Caller, mayUse } from './caller.ts'
import { check } from './check.ts'
import { sendProblem } from './error-handler.ts'
import { etagOfText, isKnown } from './etag.ts'
import { type Answer, type Operation, STREAMED } from './operation.ts'
import { expectReading } from './outflow.ts'
import { Problem } from './problem.ts'
import { requestIdOf } from './request-id.ts'
import { requireOwnPage, sessionToken } from './session-cookie.ts'

const NOTHING = z.strictObject({})
/** Probes of load balancers bring parameters of their own. */
const ANYTHING = z.looseObject({})
const NO_BODY = NOTHING.optional()

export function mount(router: Router, operations: readonly Operation[], parts: Parts): void {
  const methods = new Map<string, string[]>()
  for (const operation of operations) {
    router[operation.method](pathOf(operation), (request, response) => run(operation, parts, request, response))
    methods.set(pathOf(operation), [...(methods.get(pathOf(operation)) ?? []), operation.method.toUpperCase()])
  }
  for (const [path, known] of methods) router.all(path, refuseMethod(known))
}

/** OpenAPI writes `{id}`, Express `:id`. */
const pathOf = ({ path }: Operation): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

function refuseMethod(known: readonly string[]): RequestHandler {
  const allow = [...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  return (request, response) => {
    response.set('Allow', allow)
    if (request.method === 'OPTIONS') response.status(204).end()
    else throw new Problem('method-not-allowed', `${request.method} is not known here, but ${allow}`)
  }
}

async function run(operation: Operation, parts: Parts, request: Request, response: Response): Promise<void> {
  // What a key may see is nobody else's, and is asked for again each time; its tag saves sending it again.
  if (operation.access !== 'public') response.setHeader('Cache-Control', 'private, no-cache')
  const caller = await admit(operation, parts, request, response)
  const call = {
    params: check(operation.params ?? NOTHING, request.params, 'path'),
    query: check(
      operation.query ?? (operation.access === 'public' ? ANYTHING : NOTHING),
      { ...request.query },
      'query',
    ),
    body: operation.streams
      ? undefined
      : check(operation.body ?? NO_BODY, await readJson(request, response, parts.limits.bodyBytes), 'body'),
    caller,
    parts,
    requestId: requestIdOf(response),
    claim: null,
    requireKnown: () => identify(operation, parts, request),
    request,
    response,
  }
  const answer =
    operation.idempotent && caller.keyId !== null
      ? await parts.idempotency.once(call, (claim) => answerOf(operation, { ...call, claim }))
      : await operation.handle(call)
  if (answer !== STREAMED) {
    expectReading(response, parts.limits.patience.reader)
    send(request, response, answer)
  }
}

/** An idempotent operation has its answer stored, so it cannot be one that streams. */
async function answerOf(operation: Operation, call: Parameters<Operation['handle']>[0]): Promise<Answer> {
  const answer = await operation.handle(call)
  if (answer === STREAMED) throw new TypeError(`${operation.id} streams and cannot be replayed`)
  return answer
}

type Door = Pick<Operation, 'access' | 'method'>

/** Throws the problem for whoever may not enter. */
export async function admit(operation: Door, parts: Parts, request: Request, response: Response): Promise<Caller> {
  if (operation.access === 'public') return ANONYMOUS
  const caller = await identify(operation, parts, request)
  await parts.rates.count(caller, response)
  if (!mayUse(caller, operation.access))
    throw new Problem('forbidden', `this needs a key with the scope "${operation.access}"`)
  return caller
}

/** A key in the header counts before a session: programs send one, browsers only the other. */
function identify({ method }: Door, { keys }: Parts, request: Request): Promise<Caller> {
  const { authorization } = request.headers
  const session = authorization === undefined ? sessionToken(request) : null
  if (session === null) return keys.authenticate(authorization)
  // Browsers send cookies whoever made them ask.
  if (method !== 'get') requireOwnPage(request)
  return keys.authenticateSession(session)
}

function send(request: Request, response: Response, { status, body, headers = {} }: Answer): void {
  response.status(status).set(headers)
  if (body === undefined) {
    response.end()
    return
  }
  const text = JSON.stringify(body)
  if (status === 200 && (request.method === 'GET' || request.method === 'HEAD')) {
    const tag = etagOfText(text)
    response.set('ETag', tag)
    if (isKnown(request, tag)) {
      response.status(304).end()
      return
    }
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}

/** The answer to a path no operation has. */
export const refusePath: RequestHandler = (request, response) => {
  sendProblem(
    response,
    new Problem('not-found', `there is no route ${request.path.slice(0, 200)}`),
    requestIdOf(response),
  )
}
