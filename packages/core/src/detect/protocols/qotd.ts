/** Quote of the day (RFC 865): a short text, sent at once, then closed. Only a text that is a quotation is known as one. */
import type { Protocol, Service } from '../protocol.ts'
import { isQuotation } from '../quotation.ts'
import { service } from '../service.ts'

export const qotd: Protocol = { name: 'qotd', transport: 'tcp', ports: [17], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return isQuotation(bytes) ? service('qotd', { confidence: 0.8 }) : null
}
