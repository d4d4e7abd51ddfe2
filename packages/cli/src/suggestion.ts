import { nearest } from '@portolan/core/registry/nearest.ts'

/** The end of a complaint about a word: `; did you mean scan?`, or nothing when no known word is near. */
export function suggestion(typed: string, known: Iterable<string>): string {
  const meant = nearest(typed, known)
  return meant === null ? '' : `; did you mean ${meant}?`
}
