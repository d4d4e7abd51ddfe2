/**
 * Distributed Ruby (drb/drb.rb): values, each after its length as U32, in Ruby's Marshal format 4.8. To what is no such
 * value the server answers `false` and an exception.
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { startsWith } from '../text.ts'

/** A value of a format that never was: refused before anything is made of it. */
const QUESTION = Uint8Array.of(0, 0, 0, 3, 0x7f, 0x7f, 0x30)
const FALSE = '\0\0\0\x03\x04\x08F'

export const drb: Protocol = { name: 'drb', transport: 'tcp', ports: [8787], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const value = bytes.subarray(FALSE.length + 4, FALSE.length + 6)
  if (!startsWith(bytes, FALSE) || (value.length > 0 && !startsWith(value, '\x04\x08'))) return null
  return service('drb', { product: 'Distributed Ruby', vendor: 'Ruby', info: 'Marshal 4.8', confidence: 0.95 })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(QUESTION)
  return recognise(await session.read(FALSE.length))
}
