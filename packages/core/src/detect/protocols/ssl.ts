/**
 * TLS that nothing more can be learnt about: too old for the library, or not for strangers. The grammar is in
 * `wire/tls.ts`; servers whose TLS works are examined inside it, and never get here.
 */
import { parseServerFlight, type ServerFlight } from '#core/wire/tls.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { askByHand } from '../tls-by-hand.ts'

export const ssl: Protocol = {
  name: 'ssl',
  transport: 'tcp',
  ports: [],
  opens: 'client',
  insideTls: 'never',
  recognise,
  identify,
}

/** An alert is also what a healthy TLS server says to a stranger's words: no reason to stop looking. */
const ALERT_ALONE = 0.45

function recognise(bytes: Uint8Array): Service | null {
  const flight = parseServerFlight(bytes)
  return flight && describe(flight, flight.version === null ? ALERT_ALONE : 0.95)
}

async function identify(session: Session): Promise<Service | null> {
  const flight = await askByHand(session)
  return flight && describe(flight, 0.95)
}

function describe({ version, cipher, alert }: ServerFlight, confidence: number): Service | null {
  if (version === null && alert === null) return null
  return service('ssl', {
    info: version === null ? `TLS alert ${alert}` : version,
    confidence,
    facts: version === null ? { alert } : { protocol: version, cipher },
  })
}
