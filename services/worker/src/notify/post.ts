/** One HTTP POST to a receiver of notifications: to addresses the guard allows, no redirects, bounded in time. */
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { parseAddress } from '@portolan/core/target/address.ts'
import { setOfAddresses } from '@portolan/core/target/address-set.ts'
import { checkScope, type Scope } from '@portolan/core/target/guard.ts'

/** What came of one attempt. No status: nobody answered, and `error` says why. */
export type Outcome = {
  readonly status: number | null
  readonly error: string | null
  /** What the receiver asked to wait (Retry-After), in milliseconds. */
  readonly retryAfter: number
}

/** Milliseconds for name, connection, TLS and the first line of the answer together. */
const TIME = 15_000

export type Post = {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Which addresses may be sent to. */
  readonly guard: Scope
  /** Every address of a name; unset: as this machine sees it. */
  readonly resolve?: (host: string) => Promise<readonly { readonly address: string }[]>
}

const resolveHere = (host: string) => lookup(host, { all: true })

/** Never throws: what goes wrong is the outcome. */
export async function post({ url, body, headers, guard, resolve = resolveHere }: Post): Promise<Outcome> {
  const signal = AbortSignal.timeout(TIME)
  try {
    const target = new URL(url)
    const address = permittedAddress(await resolve(target.hostname.replace(/^\[(.*)\]$/, '$1')), target, guard)
    return await send(target, { address, body, headers, signal })
  } catch (error) {
    const detail = signal.aborted ? `no answer within ${TIME / 1000} s` : messageOf(error)
    return { status: null, error: detail, retryAfter: 0 }
  }
}

/** Node reports a connection tried at several addresses as one error whose own message is empty. */
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || ('code' in error ? String(error.code) : error.name) : String(error)

/**
 * A name is resolved once, and the connection goes to the address that was judged: one that means another address a moment
 * later changes nothing. One bad address among several refuses them all.
 */
function permittedAddress(found: readonly { readonly address: string }[], { hostname }: URL, guard: Scope): string {
  for (const { address } of found) {
    const parsed = parseAddress(address)
    if (!parsed.ok) throw new Error(`${address} is no address`)
    const [refusal] = checkScope(setOfAddresses([parsed.value]), guard, Date.now()).refused
    if (refusal !== undefined) throw new Error(`${address} may not be sent to: ${refusal.detail}`)
  }
  const [first] = found
  if (first === undefined) throw new Error(`${hostname} has no address`)
  return first.address
}

type Request = Pick<Post, 'body' | 'headers'> & { readonly address: string; readonly signal: AbortSignal }

function send(target: URL, { address, body, headers, signal }: Request): Promise<Outcome> {
  const secure = target.protocol === 'https:'
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
  const request = (secure ? requestHttps : requestHttp)({
    method: 'POST',
    host: address,
    ...(target.port !== '' && { port: Number(target.port) }),
    path: `${target.pathname}${target.search}`,
    // The certificate is held against the name, not against the address.
    ...(secure && !isAddress(target) && { servername: target.hostname }),
    headers: { ...headers, host: target.host, 'content-length': Buffer.byteLength(body) },
    agent: false,
    signal,
  })
  request.on('error', reject).on('response', (response) => {
    const status = response.statusCode ?? 0
    // The answer's body is of no interest, however long it is.
    response.on('error', () => {}).destroy()
    const ok = status >= 200 && status < 300
    resolve({
      status,
      error: ok ? null : `answered ${status}`,
      retryAfter: retryAfterOf(response.headers['retry-after']),
    })
  })
  request.end(body)
  return promise
}

const isAddress = ({ hostname }: URL) => hostname.startsWith('[') || parseAddress(hostname).ok

/** Seconds only; a date is not honoured, clocks differ. RFC 9110 section 10.2.3. */
const retryAfterOf = (text: string | undefined) =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : 0
