/**
 * Daytime (RFC 867): one line with the date and the time, in any form people read. Sent at once, then closed.
 */

import { recogniseDaytime } from '../clock-text.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const daytime: Protocol = { name: 'daytime', transport: 'tcp', ports: [13], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return recogniseDaytime(bytes) ? service('daytime', { confidence: 0.9 }) : null
}
