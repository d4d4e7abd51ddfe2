import { Problem } from '../http/problem.ts'

/** The problem of a search that cannot be answered: why, and how it could be meant. */
export const wrongSearch = (detail: string): Problem =>
  new Problem('validation', `q: ${detail}`, { errors: [{ in: 'query', pointer: '#/q', detail }] })
