/** What the process says when it ends. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The exposure policy is violated. */
  policy: 3,
  /** Ctrl-C: what was found has been written. */
  interrupted: 130,
} as const

/** For the help and the manual page. */
export const EXIT_MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done'],
  [EXIT.failed, 'failed'],
  [EXIT.usage, 'wrong usage'],
  [EXIT.policy, 'a policy is violated'],
  [EXIT.interrupted, 'interrupted'],
]

/** Wrong usage: the message says what to write instead. Caught in one place, and printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
