/**
 * Postfix' policy delegation (SMTPD_POLICY_README), spoken by greylisting and quota daemons:
 *
 *   request  => "request=smtpd_access_policy" LF *(name "=" value LF) LF
 *   response => "action=" action [SP text] LF LF
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, decode } from '../text.ts'

export const postfixPolicy: Protocol = {
  name: 'postfix-policy',
  transport: 'tcp',
  ports: [10023, 10031, 12340],
  opens: 'client',
  recognise,
  identify,
}

const PRODUCTS: readonly (readonly [text: RegExp, product: string])[] = [
  [/postgrey(?:\.|-(?<version>\d[\d.]*))/i, 'Postgrey'],
  [/sqlgrey/i, 'SQLgrey'],
  [/gld\b/i, 'gld'],
]

function recognise(bytes: Uint8Array): Service | null {
  const action = /^action=([^\n]{1,300})\n\n?$/.exec(decode(bytes.subarray(0, 512)))?.[1]
  if (action === undefined) return null
  const known = PRODUCTS.find(([text]) => text.test(action))
  const version = known?.[0].exec(action)?.groups?.version ?? null
  return service('postfix-policy', { product: known?.[1] ?? null, version, info: clean(action, 80) })
}

/** The names are those of documentation (RFC 2606, RFC 5737): nobody's mail is held up by what is remembered of them. */
async function identify(session: Session): Promise<Service | null> {
  const request = [
    'request=smtpd_access_policy',
    'protocol_state=RCPT',
    'protocol_name=SMTP',
    'sender=sender@example.invalid',
    'recipient=recipient@example.invalid',
    'client_address=192.0.2.1',
    'client_name=unknown',
  ]
  await session.write(Buffer.from(`${request.join('\n')}\n\n`))
  return recognise(await session.readUntil((soFar) => decode(soFar).includes('\n\n')))
}
