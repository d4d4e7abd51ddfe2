/** One attempt to deliver: the message in the receiver's form, on the receiver's way. */
import type { Scope } from '@portolan/core/target/guard.ts'
import { chatBody, mailOf } from './formats.ts'
import type { Message } from './message.ts'
import { type Outcome, post } from './post.ts'
import { signatureOf } from './signature.ts'

export type Due = {
  /** The same for every attempt: what the receiver deduplicates on. */
  readonly id: string
  readonly kind: 'webhook' | 'slack' | 'teams' | 'discord' | 'email'
  readonly url: string
  /** The one in use first; a second one while it is being replaced. */
  readonly secrets: readonly Uint8Array[]
  readonly payload: Message
}

/** Sends a mail, or throws. */
export type SendMail = (mail: {
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  /** For the Message-ID: the same mail twice is recognised by those who look. */
  readonly id: string
}) => Promise<void>

export type Ways = {
  readonly guard: Scope
  /** Null when this worker has no mail server. */
  readonly sendMail: SendMail | null
  /** For the User-Agent. */
  readonly client: { readonly name: string; readonly url: string | null }
}

export async function deliver(due: Due, { guard, sendMail, client }: Ways): Promise<Outcome> {
  if (due.kind === 'email') return mail(due, sendMail)
  const body = JSON.stringify(due.kind === 'webhook' ? due.payload : chatBody(due.kind, due.payload))
  const timestamp = Math.floor(Date.now() / 1000)
  const signed = due.kind === 'webhook' && {
    'webhook-id': due.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureOf({ id: due.id, timestamp, body }, due.secrets),
  }
  const agent = client.url === null ? client.name : `${client.name} (+${client.url})`
  return post({
    url: due.url,
    body,
    guard,
    headers: { 'content-type': 'application/json', 'user-agent': agent, ...signed },
  })
}

async function mail({ id, url, payload }: Due, sendMail: SendMail | null): Promise<Outcome> {
  if (sendMail === null)
    return { status: null, error: 'this worker has no mail server: set PORTOLAN_SMTP_URL', retryAfter: 0 }
  try {
    await sendMail({ to: recipientsOf(url), ...mailOf(payload), id })
    return { status: 250, error: null, retryAfter: 0 }
  } catch (error) {
    return { status: null, error: error instanceof Error ? error.message : String(error), retryAfter: 0 }
  }
}

/** `mailto:a@example.org,b@example.org` (RFC 6068 section 2), without header fields: the API lets no others through. */
const recipientsOf = (url: string) => url.slice('mailto:'.length).split(',').map(decodeURIComponent)
