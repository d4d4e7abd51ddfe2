/**
 * Pyro (Pyro manual, "Wire protocol"): every message begins with "PYRO" and U16 protocol version, 46 to 48 of Pyro 4, 502 of
 * Pyro 5. What is no message is answered by one with an error.
 */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

export const pyro: Protocol = { name: 'pyro', transport: 'tcp', ports: [9090], opens: 'client', recognise }

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length < 24 || !startsWith(bytes, 'PYRO')) return null
  const protocol = ((bytes[4] ?? 0) << 8) | (bytes[5] ?? 0)
  const major = protocol >= 40 && protocol < 60 ? 4 : protocol >= 500 && protocol < 520 ? 5 : null
  if (major === null) return null
  return service('pyro', { product: `Pyro${major}`, info: `protocol ${protocol}`, confidence: 0.97 })
}
