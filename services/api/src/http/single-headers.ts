import type { RequestHandler } from 'express'
import { Problem } from './problem.ts'

/** They decide who asks whom for what. Of several, Node keeps the first; a proxy in front may have judged another. */
const SINGLE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type'])

/** Refuses requests that can be read in two ways, and those of HTTP/1.1 without a Host (RFC 9112, section 3.2). */
export const requireSingleHeaders: RequestHandler = ({ rawHeaders, headers, httpVersion }, _response, next) => {
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    if (!SINGLE.has(name)) continue
    if (seen.has(name)) throw new Problem('bad-request', `the header ${name} stands there more than once`)
    seen.add(name)
  }
  if (headers.host === undefined && httpVersion !== '1.0')
    throw new Problem('bad-request', 'the header host is missing')
  next()
}
