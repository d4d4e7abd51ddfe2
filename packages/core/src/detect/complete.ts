/** What a user's own knowledge adds to what is built in: it fills gaps, and contradicts nothing. */
import type { Protocol, Service } from './protocol.ts'
import { recogniseAll } from './recognise.ts'

/**
 * The service with what the user's patterns read in the same bytes. A product we have an entry for stays, and gets the
 * version it lacks; one that only the grammar of a greeting named (it has no CPE) yields. `brought`: the user's protocols.
 */
export function complete(service: Service, heard: Uint8Array, brought: readonly Protocol[]): Service {
  if (brought.length === 0 || (service.cpe.length > 0 && service.version !== null)) return service
  const readings = recogniseAll(heard, brought).map((recognition) => recognition.service)
  const best = readings.find(({ name, product }) => name === service.name && product !== null)
  return best === undefined ? service : filled(service, best)
}

function filled(known: Service, read: Service): Service {
  const ours = known.cpe.length > 0
  if (ours && known.product?.toLowerCase() !== read.product?.toLowerCase()) return known
  return {
    ...known,
    product: ours ? known.product : read.product,
    version: (ours ? known.version : null) ?? read.version ?? known.version,
    vendor: (ours ? known.vendor : null) ?? read.vendor ?? known.vendor,
    info: known.info ?? read.info,
    os: known.os ?? read.os,
    device: known.device ?? read.device,
    hostname: known.hostname ?? read.hostname,
    cpe: [...new Set([...read.cpe, ...known.cpe])],
  }
}
