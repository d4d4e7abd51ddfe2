/**
 * Every way a request can fail, as RFC 9457 problem details. The `type` is part of the contract: a client may branch
 * on it, so a name here never changes its meaning. What happened this time is in `detail` and, per field, in `errors`.
 */

interface ProblemKind {
  readonly status: number
  readonly title: string
  /** What to do about it, true for every occurrence. */
  readonly advice: string
}

export const PROBLEMS = {
  'bad-request': {
    status: 400,
    title: 'The request cannot be read',
    advice: 'Check the URL, the headers and the framing of the request.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    advice: 'Send one JSON object in UTF-8; trailing commas, comments and single quotes are not JSON.',
  },
  unauthorized: {
    status: 401,
    title: 'No valid API key',
    advice: 'Send the header "Authorization: Bearer ptl_...". Keys are shown once, when they are made.',
  },
  forbidden: {
    status: 403,
    title: 'The API key may not do this',
    advice: 'Use a key that has the scope named in the detail.',
  },
  'cross-site': {
    status: 403,
    title: 'The request does not come from a page of this service',
    advice: 'Use the dashboard, or send an API key in the Authorization header instead of a session cookie.',
  },
  'out-of-scope': {
    status: 403,
    title: 'A target is outside the authorised scope',
    advice: 'Have somebody with an admin key add a scope that covers the target (POST /v1/scopes), or leave it out.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing here',
    advice: 'Check the id and that the key belongs to the same project; /docs lists every route.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This resource does not know this method',
    advice: 'Use one of the methods in the Allow header.',
  },
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted formats exists',
    advice: 'Ask for one of the formats named in the detail, in Accept or as ?format=.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    advice: 'Send the whole body without long pauses.',
  },
  conflict: {
    status: 409,
    title: 'The resource is in a state that forbids this',
    advice: 'Read the resource again and decide anew.',
  },
  'idempotency-in-flight': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
    advice: 'Wait a moment and repeat the request with the same key.',
  },
  'precondition-failed': {
    status: 412,
    title: 'The resource has changed since you read it',
    advice: 'Read it again, apply your change to what it is now, and send the new ETag in If-Match.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is larger than allowed',
    advice: 'Send less at once; large target lists are better written as CIDR blocks or ranges.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has a media type this resource does not read',
    advice: 'Send the media type named in the detail, uncompressed and in UTF-8.',
  },
  validation: {
    status: 422,
    title: 'The request has fields that are missing, unknown or out of range',
    advice: 'Correct every field listed in errors; /docs shows what each one takes.',
  },
  'unresolvable-name': {
    status: 422,
    title: 'A host name has no address',
    advice: 'Check the spelling, or give the address instead of the name.',
  },
  'nothing-to-scan': {
    status: 422,
    title: 'After the exclusions nothing is left to scan',
    advice: 'Give targets that the exclusions do not cover entirely.',
  },
  'discovery-required': {
    status: 422,
    title: 'The target set is too large to probe blindly',
    advice: 'Give smaller ranges or the addresses you know.',
  },
  'too-large': {
    status: 422,
    title: 'The scan is larger than anybody could finish',
    advice:
      'Give smaller ranges or fewer ports, look for live hosts first (discovery), or have the operator raise PORTOLAN_MAX_PROBES.',
  },
  'idempotency-mismatch': {
    status: 422,
    title: 'This Idempotency-Key was used for another request',
    advice: 'Use a new key for a new request; repeat a key only with the very same method, path and body.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    advice: 'Wait for the seconds in Retry-After; the RateLimit headers tell what is left.',
  },
  'quota-exceeded': {
    status: 429,
    title: 'The quota of this API key is used up',
    advice: 'Wait until running scans end or the day is over, or use a key with a larger quota.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    advice: 'Try again; if it stays, report the requestId together with the time.',
  },
  unavailable: {
    status: 503,
    title: 'A part this request needs does not answer',
    advice: 'Try again in a few seconds; /readyz tells which part it is.',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemName = keyof typeof PROBLEMS

export const PROBLEM_NAMES: readonly ProblemName[] = Object.keys(PROBLEMS).filter((name) => isProblemName(name))

export function isProblemName(name: string): name is ProblemName {
  return Object.hasOwn(PROBLEMS, name)
}

/** One field that is wrong: where it is, and what to write instead. */
export type FieldError = {
  readonly in: 'body' | 'query' | 'path' | 'header'
  /** JSON pointer (RFC 6901) as a URI fragment, `#/targets/0`; for queries and headers `#/name`. */
  readonly pointer: string
  readonly detail: string
}

export interface ProblemOptions extends ErrorOptions {
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown anywhere below a route, turned into a response in one place (`error-handler.ts`). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly kind: ProblemName
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>

  constructor(kind: ProblemName, detail: string, { errors = [], headers = {}, ...options }: ProblemOptions = {}) {
    super(detail, options)
    this.kind = kind
    this.errors = errors
    this.headers = headers
  }

  get status(): number {
    return PROBLEMS[this.kind].status
  }
}

/** The body of the response. */
export function problemBody(problem: Problem, requestId: string) {
  const { status, title, advice } = PROBLEMS[problem.kind]
  return {
    type: `/problems/${problem.kind}`,
    title,
    status,
    detail: problem.message,
    advice,
    requestId,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
  }
}

/** RFC 6901, as a URI fragment. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return `#${path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`
}
