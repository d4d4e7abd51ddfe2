/**
 * WS-Discovery Probe for anything (WS-Discovery, April 2005, section 5.1): printers, cameras (ONVIF), Windows. Written with
 * the prefixes of the specification's own examples: some devices look for the letters, not for the namespace.
 */
import { latin1 } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery'
const uuid = (token: number) => `5f2d9d1e-5a5b-4c1c-8d7e-0000${token.toString(16).padStart(8, '0')}`

export const wsDiscovery: UdpQuestion = {
  name: 'ws-discovery',
  ports: [3702],
  datagram: (token) =>
    new Writer()
      .utf8(
        `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" ` +
          `xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsd="${DISCOVERY}"><soap:Header>` +
          `<wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To><wsa:Action>${DISCOVERY}/Probe</wsa:Action>` +
          `<wsa:MessageID>urn:uuid:${uuid(token)}</wsa:MessageID></soap:Header><soap:Body><wsd:Probe></wsd:Probe>` +
          '</soap:Body></soap:Envelope>',
      )
      .finish(),
  answers: (reply) => latin1(reply).includes('Envelope'),
}
