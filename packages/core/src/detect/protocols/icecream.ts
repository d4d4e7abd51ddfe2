/**
 * Icecream, the distributed compiler's scheduler (services/comm.cpp); numbers are little-endian, as its first releases
 * sent them. The other port of it is for people.
 *
 *   greeting => version(u32)        the client answers with its own, and gets the lower of the two back
 *   telnet   => "200-ICECC" SP version ": " uptime "s uptime, " hosts " hosts, " jobs " jobs in queue" ...
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { decode } from '../text.ts'

export const icecream: Protocol = {
  name: 'icecream',
  transport: 'tcp',
  ports: [8765, 8766, 10245],
  opens: 'server',
  recognise,
  identify,
}

const known = { product: 'Icecream', vendor: 'Icecream' } as const
const PEOPLE = /^200-ICECC (\d[\w.]{0,20}): \d+s uptime, \d+ hosts, /
/** Protocol versions of the releases there are: 1.0 spoke 29, 1.4 speaks 43. */
const [OLDEST, NEWEST] = [22, 60]

function recognise(bytes: Uint8Array): Service | null {
  const version = PEOPLE.exec(decode(bytes.subarray(0, 128)))?.[1]
  if (version !== undefined) return service('icecream', { ...known, version })
  const spoken = protocolOf(bytes)
  return spoken === null ? null : service('icecream', { ...known, info: `protocol ${spoken}`, confidence: 0.5 })
}

function protocolOf(bytes: Uint8Array): number | null {
  const [low = 0, ...rest] = bytes
  return bytes.length === 4 && rest.every((byte) => byte === 0) && low >= OLDEST && low <= NEWEST ? low : null
}

/** Four bytes prove little: the scheduler agrees on the version it is told, the lower of the two. */
async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const first = recognise(greeting)
  const spoken = protocolOf(greeting)
  if (first === null || spoken === null) return first
  const lower = Uint8Array.of(spoken - 1, 0, 0, 0)
  await session.write(lower)
  const answer = await session.read(4)
  return Buffer.from(answer.subarray(0, 4)).equals(lower) ? { ...first, confidence: 1 } : null
}
