/**
 * H2 Database, TCP server (H2 source, TcpServerThread): to a client of no version it knows, U32 0 (error), the SQL state as U32
 * length and UTF-16, here `90047`, and the message.
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

const REFUSED = '\0\0\0\0\0\0\0\x05\x009\x000\x000\x004\x007'

export const h2Database: Protocol = { name: 'h2-database', transport: 'tcp', ports: [9092], opens: 'client', recognise }

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, REFUSED)) return null
  return service('h2-database', {
    product: 'H2 Database',
    vendor: 'H2',
    cpe: [cpe('a', 'h2database', 'h2')],
  })
}
