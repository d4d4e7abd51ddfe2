/** SIP OPTIONS (RFC 3261 section 11): asks what the other side can do; answered without a call or a registration. */
import { latin1 } from '#core/wire/reader.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** The token is branch, tag and Call-ID (section 8.1.1); `transport` as in the Via header. */
export function sipOptions(transport: 'UDP' | 'TCP', token: number): Uint8Array {
  const id = token.toString(16).padStart(8, '0')
  const lines = [
    'OPTIONS sip:portolan SIP/2.0',
    `Via: SIP/2.0/${transport} portolan;branch=z9hG4bK${id};rport`,
    'Max-Forwards: 70',
    `From: <sip:portolan@portolan>;tag=${id}`,
    'To: <sip:portolan>',
    `Call-ID: ${id}@portolan`,
    'CSeq: 1 OPTIONS',
    'Contact: <sip:portolan@portolan>',
    'Accept: application/sdp',
    'Content-Length: 0',
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}

export const sip: UdpQuestion = {
  name: 'sip',
  ports: [5060, 5061, 5080],
  datagram: (token) => sipOptions('UDP', token),
  answers: (reply, token) =>
    latin1(reply.subarray(0, 8)) === 'SIP/2.0 ' && latin1(reply).includes(token.toString(16).padStart(8, '0')),
}
