/** Character generator (RFC 864 section "TCP"): lines of 72 printable characters, each shifted by one, without end. */
import { recogniseChargen } from '../character-pattern.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const chargen: Protocol = { name: 'chargen', transport: 'tcp', ports: [19], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  return recogniseChargen(bytes) ? service('chargen') : null
}
