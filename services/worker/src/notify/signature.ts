import { createHmac } from 'node:crypto'

export type Signed = { readonly id: string; readonly timestamp: number; readonly body: string }

/**
 * The header `webhook-signature` of Standard Webhooks (symmetric, `v1`): HMAC-SHA256 over id, timestamp (seconds since
 * 1970) and body. While a secret is being replaced there is one signature with each.
 */
export function signatureOf({ id, timestamp, body }: Signed, secrets: readonly Uint8Array[]): string {
  const signed = `${id}.${timestamp}.${body}`
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`).join(' ')
}
