import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Response } from 'express'
import { createDepthGauge } from './json-depth.ts'
import { Problem } from './problem.ts'

/** How long a body may take to arrive, in milliseconds; a client that trickles does not hold a connection longer. */
const BODY_TIMEOUT = 15_000
/** Lists and objects within each other. What is deepest of all that is asked for, a policy's rules, needs six. */
const DEEPEST = 32

/** The body of a request as a JSON value, undefined when there is none. Throws the problem that fits. */
export async function readJson(request: IncomingMessage, response: Response, limit: number): Promise<unknown> {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': transfer } = request.headers
  if ((length === undefined || length === '0') && transfer === undefined) return undefined
  requireMedia(request, type, ['application/json'])
  const bytes = await collect(request, response, limit)
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'the bytes are not UTF-8'
    throw new Problem('malformed-json', why.slice(0, 200), { cause })
  }
}

/** Throws `unsupported-media-type` unless the body has one of `accepted`, is not compressed, and is UTF-8. */
export function requireMedia(request: IncomingMessage, type: string | undefined, accepted: readonly string[]): void {
  const [media = '', ...parameters] = (type ?? '').toLowerCase().split(';')
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='))
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const wanted = `the body must be ${accepted.join(' or ')}`
  if (!accepted.includes(media.trim())) throw new Problem('unsupported-media-type', `${wanted}, not "${media.trim()}"`)
  if (charset && !/^\s*charset="?utf-8"?\s*$/.test(charset))
    throw new Problem('unsupported-media-type', `${wanted} in UTF-8`)
  if (encoding !== 'identity') throw new Problem('unsupported-media-type', `${wanted}, not compressed`)
}

function collect(request: IncomingMessage, response: Response, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let size = 0
  const isShallow = createDepthGauge(DEEPEST)
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) refuse(tooLarge(limit))
    else if (!isShallow(chunk)) refuse(tooDeep())
    else chunks.push(chunk)
  }
  const finish = () => resolve(Buffer.concat(chunks))
  const refuse = (problem: Problem) => {
    // What has arrived may be a whole request by itself: the end of a refused body must not make it one.
    request.off('data', take).off('end', finish)
    discard(request, response).then(() => reject(problem))
  }
  request.on('error', (cause) => reject(new Problem('bad-request', 'the body ended early', { cause })))
  if (Number(request.headers['content-length'] ?? 0) > limit) refuse(tooLarge(limit))
  else request.on('data', take).on('end', finish)
  const slow = setTimeout(
    () => refuse(new Problem('request-timeout', `the body did not arrive within ${BODY_TIMEOUT / 1000} s`)),
    BODY_TIMEOUT,
  )
  return promise.finally(() => clearTimeout(slow))
}

const tooLarge = (limit: number) => new Problem('body-too-large', `the body may have at most ${limit} bytes`)

function tooDeep(): Problem {
  const detail = `has lists and objects more than ${DEEPEST} deep within each other; nothing here takes that`
  return new Problem('validation', `the body ${detail}`, { errors: [{ in: 'body', pointer: '#', detail }] })
}

/** Milliseconds in which what is still coming of a refused body is read and forgotten. */
const DISCARD = 1_000

/**
 * Lets a client that is still sending read the refusal: a connection closed with unread bytes in it is reset, and the
 * answer may be lost with it. The connection ends after the answer all the same.
 */
export async function discard(request: IncomingMessage, response: Response): Promise<void> {
  response.setHeader('Connection', 'close')
  request.resume()
  if (request.readableEnded) return
  const enough = AbortSignal.timeout(DISCARD)
  await once(request, 'end', { signal: enough }).catch(() => {})
}
