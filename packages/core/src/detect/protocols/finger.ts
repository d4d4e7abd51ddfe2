/**
 * Finger (RFC 1288 section 2.3): an empty line asks who is logged in.
 *
 *   request  => CRLF
 *   response => text
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const finger: Protocol = { name: 'finger', transport: 'tcp', ports: [79], opens: 'client', recognise, identify }

/** What fingerd prints: a table of users, that nobody is there, or the refusal of an empty request. */
const TABLE = /^\s*(?:\[[^\]\r\n]{0,100}\]\s*)?Login {2,}(?:Name|TTY|User)\b|^\s*Login name: |^Login: \S{1,40}\s+Name:/m
const NOBODY =
  /^\s*(?:\[[^\]\r\n]{0,100}\]\s*)?(?:No(?: one|body) logged (?:on|in)|No users logged (?:on|in)|finger: (?:usage|no such user))|must provide (?:a )?username/i

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 4096))
  if (!TABLE.test(text) && !NOBODY.test(text)) return null
  return service('finger', {
    info: NOBODY.test(text) ? 'nobody logged in' : 'lists users',
    confidence: 0.95,
    facts: { answer: clean(text) },
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('\r\n'))
  return recognise(await session.readUntil(() => false))
}
