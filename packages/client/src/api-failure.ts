import type { components } from './schema.d.ts'

export type Problem = components['schemas']['Problem']

/** Characters of what a service says that go into a message. */
const MOST_SAID = 500

/** A request that came to nothing, in words that are fit for a terminal. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  /** Of the answer; null when there was none. */
  readonly status: number | null
  /** RFC 9457; null when the answer was none of the API's. */
  readonly problem: Problem | null

  private constructor(message: string, facts: { status: number | null; problem: Problem | null; cause?: unknown }) {
    super(message, 'cause' in facts ? { cause: facts.cause } : {})
    this.status = facts.status
    this.problem = facts.problem
  }

  static unreachable(server: string, cause: unknown): ApiFailure {
    return new ApiFailure(`${server} does not answer: ${reasonOf(cause)}`, { status: null, problem: null, cause })
  }

  static answered(server: string, status: number, problem: Problem | null): ApiFailure {
    return new ApiFailure(`${server}: ${problem ? plain(problem.detail) : `it answers ${status}`}`, { status, problem })
  }
}

/** A URL may lead anywhere: what is not shaped like a problem is none. */
export async function problemOf(response: Response): Promise<Problem | null> {
  const body: unknown = await response.json().catch(() => null)
  if (typeof body !== 'object' || body === null || !('type' in body && 'detail' in body)) return null
  // because the two fields everything relies on are checked here, and the rest is the contract's
  return typeof body.detail === 'string' && typeof body.type === 'string' ? (body as Problem) : null
}

/** Nothing that moves the cursor of a terminal, and not a novel. */
const plain = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MOST_SAID)

/** fetch hides why behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return plain(String(error))
  if (error.cause instanceof Error) return reasonOf(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return plain(error.message || error.name)
}
