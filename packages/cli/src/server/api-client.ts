/** The service over HTTP. What it answers is checked where it is used: a URL may lead anywhere. */
import { clean } from '@portolan/core/detect/text.ts'
import { UsageError } from '../exit.ts'
import type { Login } from './login-file.ts'

export type Ask = {
  readonly method?: 'GET' | 'POST'
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface ApiClient {
  /** Throws ApiFailure, whatever goes wrong. */
  ask(path: string, ask?: Ask): Promise<Response>
}

export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  /** Of the answer; null when there was none. */
  readonly status: number | null
  constructor(message: string, status: number | null, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** `https://scan.example.org/`, with nothing behind the host but a path; without its last slash. */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new UsageError(`${JSON.stringify(clean(text))} is not the URL of a service, such as http://127.0.0.1:7070`)
  return url.href.replace(/\/+$/, '')
}

export function createApiClient({ server, key }: Login): ApiClient {
  return {
    async ask(path, { method = 'GET', body, headers = {}, signal } = {}) {
      const json = body === undefined ? {} : { 'Content-Type': 'application/json' }
      const request = {
        method,
        headers: { Authorization: `Bearer ${key}`, ...json, ...headers },
        // A key is for the service it was given for, not for wherever that sends us.
        redirect: 'error',
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      } as const
      let response: Response
      try {
        response = await fetch(server + path, request)
      } catch (error) {
        throw new ApiFailure(`${server} does not answer: ${reasonOf(error)}`, null, { cause: error })
      }
      if (response.ok) return response
      throw new ApiFailure(await problemText(response, server), response.status)
    },
  }
}

/** fetch hides why behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return reasonOf(error.cause)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return clean(error.message || error.name)
}

/** RFC 9457: `title` and `detail`. */
async function problemText(response: Response, server: string): Promise<string> {
  const problem: unknown = await response.json().catch(() => null)
  const said = typeof problem === 'object' && problem !== null && 'detail' in problem ? problem.detail : null
  const detail = typeof said === 'string' ? clean(said, 500) : `it answers ${response.status}`
  const cure = response.status === 401 ? '; portolan login keeps a key that is valid' : ''
  return `${server}: ${detail}${cure}`
}
