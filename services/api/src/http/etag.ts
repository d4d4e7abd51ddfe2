import { hash } from 'node:crypto'
import type { Request } from 'express'
import { Problem } from './problem.ts'

/** A strong validator of a representation: the same JSON has the same tag on every instance. */
export const etagOf = (body: unknown): string => etagOfText(JSON.stringify(body))

export const etagOfText = (text: string): string => `"${hash('sha256', text, 'base64url').slice(0, 27)}"`

/** Throws `precondition-failed` when the request carries an If-Match that names another state than `current`. */
export function requireMatch(request: Request, current: unknown): void {
  const wanted = request.headers['if-match']
  if (wanted === undefined || wanted.trim() === '*') return
  const tag = etagOf(current)
  if (!wanted.split(',').some((candidate) => candidate.trim() === tag))
    throw new Problem('precondition-failed', `If-Match names ${wanted.slice(0, 100)}, the resource is at ${tag}`)
}

/**
 * Has the client this representation already? By the weak comparison (RFC 9110, section 13.1.2): a proxy that compresses
 * makes tags weak.
 */
export function isKnown(request: Request, tag: string): boolean {
  const known = request.headers['if-none-match']?.split(',').map((candidate) => candidate.trim().replace(/^W\//, ''))
  return known !== undefined && (known.includes(tag) || known.includes('*'))
}
