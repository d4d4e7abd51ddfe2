/** Builds what a module answers: it writes only what it knows, the rest is null, empty, or follows from it. */
import type { Service } from './protocol.ts'

/**
 * A Service called `name` with the fields given and defaults for the others. `confidence` defaults to 1 (the protocol
 * proved itself); say less where the bytes could be somebody else's.
 */
export function service(name: string, known: Partial<Omit<Service, 'name'>> = {}): Service {
  const { product = null, version = null, vendor = null, info = null, os = null, device = null } = known
  const { hostname = null, cpe = [], confidence = 1, facts = {} } = known
  return { name, product, version, vendor, info, os, device, hostname, cpe, confidence, facts }
}
