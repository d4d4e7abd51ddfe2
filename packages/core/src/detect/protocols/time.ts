/**
 * Time (RFC 868): four bytes, the seconds since 1900, sent at once. Four bytes can be anything, so they must be a
 * moment near ours: from 2015 to 2036, when the counter ends.
 */

import { recogniseTime } from '../clock-seconds.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const time: Protocol = { name: 'time', transport: 'tcp', ports: [37], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return recogniseTime(bytes) ? service('time', { confidence: 0.7 }) : null
}
