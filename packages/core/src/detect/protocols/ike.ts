/**
 * IKE over UDP, versions 1 (RFC 2408) and 2 (RFC 7296); grammar in wire/ike.ts.
 *
 *   version 1 => main mode offer; answered by a choice with vendor ids, or a notification that refuses
 *   version 2 => IKE_SA_INIT with an offer and a public value; answered by a choice, a cookie, another group, or a refusal
 *
 * Both are sent, and both again behind four zero bytes (RFC 3948 section 2.2): some servers expect the marker of NAT
 * traversal on every port but 500.
 */
import { ikev1, ikev2 } from '#core/probe/udp/ike.ts'
import { type IkeMessage, parseIke } from '#core/wire/ike.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import { describeIke } from '../ike-service.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

const [IKE_SA_INIT, RESPONSE] = [34, 0x20]
/** Version 1 exchanges a responder may answer in: main mode, aggressive, informational. */
const EXCHANGES_1 = new Set([2, 4, 5])
const MARKER = 4
/** Two versions, each perhaps twice, and strays. */
const ANSWERS = 8

export const ike: Protocol = { name: 'ike', transport: 'udp', ports: [500, 4500], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const message = parseAnswer(bytes)
  return message && describeIke([message])
}

async function identify(session: Session): Promise<Service | null> {
  for (const question of [ikev1, ikev2]) {
    const message = question.datagram(session.token)
    await session.write(message)
    await session.write(new Writer().zeros(MARKER).bytes(message).finish())
  }
  const messages: IkeMessage[] = []
  for (let i = 0; i < ANSWERS && new Set(messages.map((message) => message.major)).size < 2; i++) {
    const reply = await attempt(() => session.read())
    if (reply === null) break
    const message = parseAnswer(reply)
    if (message && message.initiatorSpi >> 32n === BigInt(session.token)) messages.push(message)
  }
  return messages.length > 0 ? describeIke(messages) : null
}

/** An answer, not a question: version 2 marks it, version 1 chooses a cookie or sends a notification. */
function parseAnswer(bytes: Uint8Array): IkeMessage | null {
  const marked = bytes.length > MARKER && bytes.subarray(0, MARKER).every((byte) => byte === 0)
  const message = parseIke(marked ? bytes.subarray(MARKER) : bytes)
  if (!message || message.payloads.length === 0) return null
  if (message.major === 2) return message.exchange === IKE_SA_INIT && message.flags & RESPONSE ? message : null
  return EXCHANGES_1.has(message.exchange) && message.flags <= 1 ? message : null
}
