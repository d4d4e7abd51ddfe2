/** WS-Discovery Probe for anything (WS-Discovery, April 2005, section 5.1): printers, cameras (ONVIF), Windows. */
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
        `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ` +
          `xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="${DISCOVERY}"><s:Header>` +
          `<a:Action>${DISCOVERY}/Probe</a:Action><a:MessageID>urn:uuid:${uuid(token)}</a:MessageID>` +
          `<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe/></s:Body></s:Envelope>`,
      )
      .finish(),
  answers: (reply) => latin1(reply).includes('Envelope'),
}
