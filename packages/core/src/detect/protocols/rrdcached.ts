/**
 * RRDtool's caching daemon (rrdcached(1), "PROTOCOL"): `HELP` LF => count SP `Command overview` LF, so many lines. To
 * whatever it does not know: `-1 Unknown command: ` word LF.
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const rrdcached: Protocol = {
  name: 'rrdcached',
  transport: 'tcp',
  ports: [42217],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  const overview = /^\d{1,3} Command overview$/.test(line)
  if (!overview && !line.startsWith('-1 Unknown command: ')) return null
  return service('rrdcached', {
    product: 'RRDtool rrdcached',
    vendor: 'OETIKER+PARTNER',
    confidence: overview ? 0.95 : 0.6,
    cpe: [cpe('a', 'rrdtool_project', 'rrdtool')],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('HELP\n'))
  return recognise(await session.readUntil((soFar) => soFar.includes(10)))
}
